import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../../../runner/process/command.ts';
import { findProcesses, JOB_MARK, processFacts } from '../../../runner/process/find.ts';
import { killNow } from '../../../runner/process/kill.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { tempFolder } from '../fixtures.ts';

function shell(script: string, signal = new AbortController().signal) {
  const mark = `job_${systemRandom.secret(9)}`;
  onTestFinished(() => killNow({ mark }));
  const folder = tempFolder('command');
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const exit = runCommand(
    {
      program: 'sh',
      args: ['-c', script],
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', [JOB_MARK]: mark },
    },
    {
      stdout: (bytes) => void stdout.push(bytes),
      stderr: (bytes) => void stderr.push(bytes),
      signal,
      mark,
      folder,
      clock: systemClock,
    },
  );
  const text = (parts: Buffer[]) => Buffer.concat(parts).toString();
  return { exit, mark, folder, stdout: () => text(stdout), stderr: () => text(stderr) };
}

const numbers = Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join('');

describe('output', () => {
  test('a program that writes the same to both streams through tee gives back each exactly', async () => {
    const run = shell('seq 1 5000 | tee /dev/stderr');
    expect(await run.exit).toEqual({ code: 0, signal: undefined });
    expect(run.stdout()).toBe(numbers);
    expect(run.stderr()).toBe(numbers);
  });

  test('what a background process prints a moment after the end is still there', async () => {
    const run = shell('(sleep 0.3; echo late) & echo early');
    await run.exit;
    expect(run.stdout()).toBe('early\nlate\n');
  });

  test('nothing is lost while nobody takes the output', async () => {
    const folder = tempFolder('slow');
    let size = 0;
    const slow = (bytes: Buffer) => {
      size += bytes.length;
      return sleep(20).then(() => {});
    };
    await runCommand(
      { program: 'sh', args: ['-c', 'seq 1 200000'], cwd: folder, env: { PATH: process.env['PATH'] ?? '' } },
      {
        stdout: slow,
        stderr: slow,
        signal: new AbortController().signal,
        mark: 'job_none',
        folder,
        clock: systemClock,
      },
    );
    expect(size).toBe(1_288_895);
  });
});

describe('the end', () => {
  test.each([
    ['exit 7', { code: 7, signal: undefined }],
    ['kill -9 $$', { code: 137, signal: 'SIGKILL' }],
  ])('%s', async (script, exit) => {
    expect(await shell(script).exit).toEqual(exit);
  });

  test('a program that is not there is an error with its name', async () => {
    const folder = tempFolder('none');
    const run = runCommand(
      { program: 'no-such-program', args: [], cwd: folder, env: {} },
      {
        stdout: () => undefined,
        stderr: () => undefined,
        signal: new AbortController().signal,
        mark: 'job_none',
        folder,
        clock: systemClock,
      },
    );
    await expect(run).rejects.toThrow(/no-such-program/);
  });

  test('what a finished command leaves running is ended', async () => {
    const run = shell('sleep 60 & echo $! > pid');
    const startedAt = Date.now();
    await run.exit;
    expect(Date.now() - startedAt).toBeLessThan(12_000);
    expect(findProcesses({ mark: run.mark })).toEqual([]);
  });
});

describe('an abort', () => {
  async function abortAfter(script: string, ready: string) {
    const stop = new AbortController();
    const run = shell(script, stop.signal);
    const ended = expect(run.exit).rejects.toThrow('enough');
    while (!run.stdout().includes(ready)) await sleep(10);
    const startedAt = Date.now();
    stop.abort(new Error('enough'));
    await ended;
    return { ...run, tookMs: Date.now() - startedAt };
  }

  test('lets a build that hears TERM tidy up', async () => {
    const run = await abortAfter(
      'trap "echo tidied; exit 0" TERM; echo ready; while :; do sleep 0.05; done',
      'ready',
    );
    expect(run.stdout()).toContain('tidied');
    expect(run.tookMs).toBeLessThan(1_900);
  });

  test('kills after two seconds what ignores TERM, and what it started', async () => {
    const run = await abortAfter(
      `trap "" TERM; (trap "" TERM; while :; do sleep 0.1; done) & echo ready; while :; do sleep 0.1; done`,
      'ready',
    );
    expect(run.tookMs).toBeGreaterThan(1_900);
    expect(run.tookMs).toBeLessThan(10_000);
    expect(findProcesses({ mark: run.mark })).toEqual([]);
  });

  if (process.platform === 'linux')
    test('finds what left the process group', async () => {
      const run = await abortAfter(
        'setsid sh -c "echo \\$\\$ > escaped; exec sleep 60" & while [ ! -s escaped ]; do sleep 0.02; done; echo ready; wait',
        'ready',
      );
      const escaped = Number(readFileSync(join(run.folder, 'escaped'), 'utf8'));
      // Where nobody reaps orphans, a dead one stays as a zombie.
      expect(processFacts(escaped)?.dead ?? true).toBe(true);
    });
});
