import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../../../local/supervise/signals.ts';

const PARENT = join(import.meta.dirname, 'fixtures', 'parent.ts');

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-watchdog-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Starts a parent that starts a child, which starts a worker; gives back all three. */
async function family(): Promise<{ parent: number; child: number; worker: number; ended: Promise<unknown> }> {
  const parent = spawn(process.execPath, [PARENT, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(parent, 'exit');
  const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
  const { child, worker } = JSON.parse(String(line)) as { child: number; worker: number };
  return { parent: parent.pid ?? 0, child, worker, ended };
}

async function untilGone(...pids: number[]): Promise<number[]> {
  for (let waited = 0; waited < 5_000; waited += 50) {
    if (!pids.some(isAlive)) return [];
    await sleep(50);
  }
  return pids.filter(isAlive);
}

test('a parent that is killed leaves no child and no grandchild, and the child could tidy up', async () => {
  await writeFile(join(dir, 'about-me'), 'I am up');
  const { parent, child, worker, ended } = await family();
  process.kill(parent, 'SIGKILL');
  await ended;
  expect(await untilGone(child, worker)).toEqual([]);
  expect(await readFile(join(dir, 'tidied'), 'utf8')).toBe('yes');
  await expect(readFile(join(dir, 'about-me'))).rejects.toThrow('ENOENT');
});

test('a parent that stops its children waits until they have tidied up', async () => {
  const { parent, child, worker, ended } = await family();
  process.kill(parent, 'SIGTERM');
  await ended;
  expect(await readFile(join(dir, 'tidied'), 'utf8')).toBe('yes');
  expect(await untilGone(child, worker)).toEqual([]);
});
