import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startAgent } from '../../runner/agent.ts';
import { findProcesses } from '../../runner/process/find.ts';
import { killNow } from '../../runner/process/kill.ts';
import type { RunnerSettings } from '../../runner/settings.ts';
import { type FakeService, RUNNER_TOKEN, startFakeService } from '../support/fake-service.ts';
import { startFakeSocket } from '../support/fake-socket.ts';
import { buildJob, createRepository, resolveJob, settings, tempFolder, testJournal } from './fixtures.ts';

const page = { 'index.html': 'page' };

function agent(
  service: FakeService,
  more: { websocketUrl?: string; label?: string; parallel?: number; settings?: RunnerSettings } = {},
) {
  const { journal, lines } = testJournal();
  const started = startAgent({
    url: service.url,
    token: RUNNER_TOKEN,
    settings: settings(),
    lookEverySeconds: 60,
    journal,
    ...more,
  });
  // A test that expects the agent to end looks at how.
  onTestFinished(() => started.stop().catch(() => {}));
  return { ...started, lines };
}

async function until(condition: () => boolean, ms = 10_000): Promise<void> {
  for (const end = Date.now() + ms; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}

describe('an agent', () => {
  test('does what waits when it starts, one job after the other', async () => {
    await using service = await startFakeService();
    const repository = createRepository(page);
    const [resolve, build] = [resolveJob(repository), buildJob(repository)];
    service.offer(resolve);
    service.offer(build);
    agent(service);
    expect((await service.finished(resolve.jobKey)).result).toMatchObject({ outcome: 'resolved' });
    expect((await service.finished(build.jobKey)).result).toMatchObject({ outcome: 'built' });
    expect(service.complaints).toEqual([]);
  });

  test('hears of a job by its socket', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    agent(service, { websocketUrl: socket.url });
    await until(() => socket.subscribed === 1 && service.claims.length >= 2);
    expect(socket.authorizations).toEqual([`Bearer ${RUNNER_TOKEN}`]);
    const job = resolveJob(createRepository(page));
    service.offer(job);
    socket.send({ event: 'offered', jobKey: job.jobKey, label: 'default' });
    await service.finished(job.jobKey, 5_000);
  });

  test('looks by itself where the frame was lost', async () => {
    await using service = await startFakeService();
    const started = startAgent({
      url: service.url,
      token: RUNNER_TOKEN,
      settings: settings(),
      lookEverySeconds: 0.2,
      journal: testJournal().journal,
    });
    onTestFinished(() => started.stop());
    await until(() => service.claims.length > 0);
    const job = resolveJob(createRepository(page));
    service.offer(job);
    await service.finished(job.jobKey, 5_000);
  });

  test('connects again after its socket broke, and looks for what it missed', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    agent(service, { websocketUrl: socket.url });
    await until(() => socket.subscribed === 1);
    const job = resolveJob(createRepository(page));
    // The looks of the start and of the first subscription are over: only the next subscription can find the job.
    await sleep(500);
    socket.breakAll();
    service.offer(job);
    await service.finished(job.jobKey, 8_000);
    expect(socket.subscribed).toBe(2);
  });

  test('does not go on waiting at a socket that the service has forgotten', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    agent(service, { websocketUrl: socket.url });
    await until(() => socket.subscribed === 1);
    socket.forgetAll();
    await until(() => socket.subscribed === 2);
  });

  test('ignores offers with another label', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    agent(service, { websocketUrl: socket.url, label: 'mac' });
    await until(() => socket.subscribed === 1);
    await sleep(200);
    const claims = service.claims.length;
    socket.send({ event: 'offered', jobKey: 'x', label: 'gpu' });
    await sleep(200);
    expect(service.claims.length).toBe(claims);
  });

  test('does several jobs at a time where it may', async () => {
    await using service = await startFakeService();
    const meeting = tempFolder('meeting');
    // Each build waits until the other has begun too.
    const wait = `touch ${meeting}/$SLIPWAY_JOB_ID; while [ $(ls ${meeting} | wc -l) -lt 2 ]; do sleep 0.05; done; mkdir dist; echo > dist/x`;
    const jobs = [1, 2].map(() => buildJob(createRepository(page), { build: { buildCommand: wait } }));
    for (const job of jobs) service.offer(job);
    agent(service, { parallel: 2 });
    for (const job of jobs)
      expect((await service.finished(job.jobKey)).result).toMatchObject({ outcome: 'built' });
  });

  test('repeats a claim whose answer got lost with the same nonce, and does the job once', async () => {
    await using service = await startFakeService();
    const job = resolveJob(createRepository(page));
    service.offer(job);
    let lost = 0;
    service.fault = (path) => {
      if (!path.endsWith('/claims') || lost === 2) return undefined;
      lost += 1;
      return { kind: lost === 1 ? 'drop-after' : 'status', status: 503 };
    };
    agent(service);
    expect((await service.finished(job.jobKey)).results).toBe(1);
    const [first, second] = service.claims;
    expect(second?.nonce).toBe(first?.nonce);
    expect(first?.nonce).toHaveLength(24);
  });

  test('asks the service where to hear of jobs', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    service.websocketUrl = socket.url;
    agent(service);
    await until(() => socket.subscribed === 1 && service.claims.length >= 2);
    const job = resolveJob(createRepository(page));
    service.offer(job);
    socket.send({ event: 'offered', jobKey: job.jobKey, label: 'default' });
    await service.finished(job.jobKey, 5_000);
  });

  test('finds a socket that has moved', async () => {
    await using service = await startFakeService();
    const old = await startFakeSocket();
    service.websocketUrl = old.url;
    agent(service);
    await until(() => old.subscribed === 1);
    await using moved = await startFakeSocket();
    service.websocketUrl = moved.url;
    await old[Symbol.asyncDispose]();
    await until(() => moved.subscribed === 1);
  });

  test('outlives a service that is away for a while, with and without a claim under way', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    service.websocketUrl = socket.url;
    service.fault = () => ({ kind: 'drop-before' });
    agent(service);
    await sleep(700);
    service.fault = () => undefined;
    const job = resolveJob(createRepository(page));
    service.offer(job);
    await service.finished(job.jobKey);
    await until(() => socket.subscribed === 1);
    service.fault = () => ({ kind: 'status', status: 404 });
    socket.breakAll();
    await sleep(700);
    service.fault = () => undefined;
    const next = resolveJob(createRepository(page));
    service.offer(next);
    await service.finished(next.jobKey);
    expect(service.complaints).toEqual([]);
  });

  test('ends where its token is not known', async () => {
    await using service = await startFakeService();
    const { journal, lines } = testJournal();
    const started = startAgent({ url: service.url, token: 'wrong', settings: settings(), journal });
    await expect(started.done).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(lines.join('')).not.toContain('wrong');
  });

  test('whose token is taken back does what it has, takes nothing more, and ends', async () => {
    await using service = await startFakeService();
    await using socket = await startFakeSocket();
    service.websocketUrl = socket.url;
    const go = join(tempFolder('go'), 'go');
    const job = buildJob(createRepository(page), {
      build: {
        buildCommand: `echo ready; while [ ! -e ${go} ]; do sleep 0.05; done; mkdir dist; echo > dist/x`,
      },
    });
    service.offer(job);
    const started = agent(service, { parallel: 2 });
    const ended = expect(started.done).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await until(() => service.trace(job.jobKey).lines.some((line) => line.message === 'ready'));
    service.runnerToken = 'another';
    socket.breakAll();
    await sleep(500);
    writeFileSync(go, '');
    await ended;
    expect(service.trace(job.jobKey).result).toMatchObject({ outcome: 'built' });
  });

  test('does not use a folder that others may write to', async () => {
    await using service = await startFakeService();
    const open = settings();
    chmodSync(open.workDir, 0o777);
    const { journal } = testJournal();
    const started = startAgent({ url: service.url, token: RUNNER_TOKEN, settings: open, journal });
    await expect(started.done).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  test('does not share its work folder', async () => {
    await using service = await startFakeService();
    const shared = settings();
    agent(service, { settings: shared });
    const { journal } = testJournal();
    const second = startAgent({ url: service.url, token: RUNNER_TOKEN, settings: shared, journal });
    await expect(second.done).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

describe('a running job', () => {
  async function running(script: string, change: Parameters<typeof buildJob>[1] = {}) {
    const service = await startFakeService();
    onTestFinished(() => service[Symbol.asyncDispose]());
    const job = buildJob(createRepository(page), { build: { buildCommand: script }, ...change });
    onTestFinished(() => killNow({ mark: job.jobId }));
    service.offer(job);
    const socket = await startFakeSocket();
    onTestFinished(() => socket[Symbol.asyncDispose]());
    const started = agent(service, { websocketUrl: socket.url });
    await until(() => service.trace(job.jobKey).lines.some((line) => line.message === 'ready'));
    return { service, job, socket, started, trace: service.trace(job.jobKey) };
  }
  const stubborn =
    'trap "" TERM; (trap "" TERM; while :; do sleep 0.1; done) & echo ready; while :; do sleep 0.1; done';

  test('is canceled within seconds of the hint, with everything it started', async () => {
    const { service, job, socket } = await running(stubborn);
    service.verdict = 'cancel';
    socket.send({ event: 'cancel', jobKey: job.jobKey });
    const startedAt = Date.now();
    const trace = await service.finished(job.jobKey);
    expect(trace.result).toMatchObject({ outcome: 'canceled' });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(findProcesses({ mark: job.jobId })).toEqual([]);
  });

  test('that is gone is ended without a word', async () => {
    const { service, job, trace, socket } = await running('echo ready; sleep 60');
    service.verdict = 'gone';
    socket.send({ event: 'cancel', jobKey: job.jobKey });
    await until(() => findProcesses({ mark: job.jobId }).length === 0);
    await sleep(200);
    expect(trace.result).toBeUndefined();
  });

  test('that the service does not answer is ended', async () => {
    const { service, job } = await running('echo ready; sleep 60', {
      beatEverySeconds: 0.3,
      unansweredLimitSeconds: 1.5,
    });
    service.silent = true;
    await until(() => findProcesses({ mark: job.jobId }).length === 0);
    service.silent = false;
    const trace = await service.finished(job.jobKey);
    expect(trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'RUNNER_LOST', retryable: true },
    });
  }, 40_000);

  test('is reported lost when its agent is stopped', async () => {
    const { service, job, started } = await running('echo ready; sleep 60');
    await started.stop();
    expect(service.trace(job.jobKey).result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'RUNNER_LOST', retryable: true },
    });
    expect(findProcesses({ mark: job.jobId })).toEqual([]);
  });
});

describe('the program', () => {
  function start(
    args: readonly string[],
    env: Record<string, string> = {},
  ): { child: ChildProcess; output: () => string } {
    const main = join(import.meta.dirname, '../../runner/main.ts');
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => (output += part.toString()));
    return { child, output: () => output };
  }
  const exit = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));

  test('that was killed with -9 is found out by the next one: its job is ended and reported lost', async () => {
    await using service = await startFakeService();
    const workDir = tempFolder('work');
    const job = buildJob(createRepository(page), {
      build: { buildCommand: 'trap "" TERM; setsid sleep 61 & echo ready; sleep 60' },
    });
    onTestFinished(() => killNow({ mark: job.jobId }));
    service.offer(job);
    const args = ['agent', '--url', service.url, '--work-dir', workDir, '--allow-schemes', 'file'];
    const env = { SLIPWAY_RUNNER_TOKEN: RUNNER_TOKEN };
    const first = start(args, env);
    await until(() => service.trace(job.jobKey).lines.some((line) => line.message === 'ready'));
    const ended = exit(first.child);
    first.child.kill('SIGKILL');
    await ended;
    expect(findProcesses({ mark: job.jobId }).length).toBeGreaterThan(1);
    const next = resolveJob(createRepository(page));
    service.offer(next);
    const second = start(args, env);
    expect((await service.finished(job.jobKey)).result).toMatchObject({
      outcome: 'failed',
      lines: service.trace(job.jobKey).lines.length,
      failure: { code: 'RUNNER_LOST', retryable: true },
    });
    expect((await service.finished(next.jobKey)).result).toMatchObject({ outcome: 'resolved' });
    expect(findProcesses({ mark: job.jobId })).toEqual([]);
    const left = exit(second.child);
    second.child.kill('SIGTERM');
    expect(await left).toBe(0);
    expect(existsSync(workDir)).toBe(false);
    expect(second.output()).not.toContain(RUNNER_TOKEN);
  }, 40_000);

  test('does one job by its ticket and ends', async () => {
    await using service = await startFakeService();
    const job = buildJob(createRepository(page));
    service.offer(job);
    const args = [
      'once',
      '--url',
      `${service.url}/v1/`,
      '--job-key',
      job.jobKey,
      '--work-dir',
      tempFolder('work'),
    ];
    const { child, output } = start([...args, '--allow-schemes', 'file'], {
      SLIPWAY_TICKET: `ticket-of-${job.jobKey}`,
    });
    expect([await exit(child), output()]).toEqual([0, expect.stringContaining('job ended')]);
    expect(service.trace(job.jobKey).result).toMatchObject({ outcome: 'built' });
    expect(service.claims).toMatchObject([{ jobKey: job.jobKey }]);
  });

  test('refuses file:// where it was not allowed', async () => {
    await using service = await startFakeService();
    const job = buildJob(createRepository(page));
    service.offer(job);
    const { child } = start(
      ['once', '--url', service.url, '--job-key', job.jobKey, '--work-dir', tempFolder('work')],
      {
        SLIPWAY_TICKET: `ticket-of-${job.jobKey}`,
      },
    );
    expect(await exit(child)).toBe(0);
    expect(service.trace(job.jobKey).result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'INVALID_CONFIG' },
    });
  });

  test.each([
    [['agent', '--url', 'http://127.0.0.1:1'], 2, '--token is missing'],
    [['--help'], 0, 'Usage'],
  ])('%j ends with %i and says: %s', async (args, code, message) => {
    const { child, output } = start(args);
    expect(await exit(child)).toBe(code);
    expect(output()).toContain(message);
    expect(output()).not.toMatch(/^\s+at /m);
  });

  test('ends with 3 and says what to do where its token is not known', async () => {
    await using service = await startFakeService();
    const args = ['agent', '--url', service.url, '--work-dir', tempFolder('work')];
    const { child, output } = start(args, { SLIPWAY_RUNNER_TOKEN: 'unknown-token' });
    expect(await exit(child)).toBe(3);
    expect(output()).toContain('does not know this runner’s token');
    expect(output()).toContain('slipway runner create');
    expect(output()).not.toContain('unknown-token');
    expect(output()).not.toMatch(/^\s+at /m);
  });

  test('takes its token from a file', async () => {
    await using service = await startFakeService();
    const file = join(tempFolder(), 'token');
    writeFileSync(file, `${RUNNER_TOKEN}\n`);
    const { child } = start([
      'agent',
      '--url',
      service.url,
      '--token-file',
      file,
      '--work-dir',
      tempFolder('work'),
    ]);
    await until(() => service.claims.length > 0);
    expect(service.claims[0]?.token).toBe(readFileSync(file, 'utf8').trim());
    child.kill('SIGTERM');
    expect(await exit(child)).toBe(0);
  });
});
