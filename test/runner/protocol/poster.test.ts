import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outcome, Poster } from '../../../runner/protocol/poster.ts';
import { JobStopped } from '../../../runner/stop.ts';
import type { BuildJob } from '../../../shared/contracts/jobs.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { type FakeService, type Fault, startFakeService } from '../../support/fake-service.ts';
import { buildJob } from '../fixtures.ts';

const canceled: Outcome = { outcome: 'canceled' };

function post(service: FakeService, change: Partial<BuildJob> = {}) {
  const repository = { url: 'file:///none', folder: '', commit: () => '', git: () => 'a'.repeat(40) };
  const job = buildJob(repository, change);
  service.offer(job);
  const poster = new Poster({ base: `${service.url}/v1`, job, clock: systemClock, random: systemRandom });
  const say = (message: string) =>
    poster.add({ at: systemClock.now(), level: 'info', step: 'build', message });
  return { poster, job, say, trace: () => service.trace(job.jobKey) };
}

function reasonOf(signal: AbortSignal): string | undefined {
  return signal.reason instanceof JobStopped ? signal.reason.reason : undefined;
}

async function until(condition: () => boolean, ms = 5_000): Promise<void> {
  for (const end = Date.now() + ms; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}

describe('lines', () => {
  test('arrive once and in order, whatever the network does', { timeout: 60_000 }, async () => {
    await using service = await startFakeService();
    const fault: fc.Arbitrary<Fault | undefined> = fc.option(
      fc.record({
        kind: fc.constantFrom('drop-before', 'drop-after', 'status'),
        status: fc.constantFrom(500, 503, 429),
      }),
      { nil: undefined, freq: 1 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 30 }), { maxLength: 30 }),
        fc.array(fault, { maxLength: 4 }),
        async (messages, faults) => {
          const pending = [...faults];
          service.fault = () => pending.shift();
          const { poster, say, trace } = post(service);
          for (const [index, message] of messages.entries()) {
            say(message);
            if (index % 10 === 9) await sleep(5);
          }
          expect(await poster.finish(canceled)).toBe(true);
          expect(trace().lines.map((line) => line.message)).toEqual(messages);
          expect(trace().result).toEqual({ outcome: 'canceled', lines: messages.length });
        },
      ),
      { numRuns: 15 },
    );
    expect(service.complaints).toEqual([]);
  });

  test('go on from where the service says it stands', async () => {
    await using service = await startFakeService();
    const { poster, say, trace } = post(service);
    // The service has two lines already, as after an answer that got lost with the connection.
    trace().lines.push(
      { at: 1, level: 'info', step: 'build', message: 'one' },
      { at: 1, level: 'info', step: 'build', message: 'two' },
    );
    for (const message of ['one', 'two', 'three']) say(message);
    expect(await poster.finish(canceled)).toBe(true);
    expect(trace().lines.map((line) => line.message)).toEqual(['one', 'two', 'three']);
  });

  test('a burst goes in few posts, at the pace the service asks for', async () => {
    await using service = await startFakeService();
    service.flushMs = 300;
    const { poster, say, trace } = post(service);
    for (let n = 0; n < 50; n += 1) {
      say(`line ${n}`);
      await sleep(10);
    }
    await poster.finish(canceled);
    expect(trace().lines).toHaveLength(50);
    expect(trace().posts).toBeLessThan(8);
  });

  test('a line after silence is there at once, though the pace is slow', async () => {
    await using service = await startFakeService();
    service.flushMs = 5_000;
    const { poster, say, trace } = post(service);
    say('first');
    await until(() => trace().lines.length === 1);
    await sleep(1_050);
    say('second');
    const startedAt = Date.now();
    await until(() => trace().lines.length === 2);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await poster.abandon();
  });

  test('a full buffer makes the producer wait, and lets it go on once the service is back', async () => {
    await using service = await startFakeService();
    service.silent = true;
    const { poster, say, trace } = post(service);
    let lines = 0;
    while (poster.room() === undefined) {
      say('x'.repeat(50_000));
      lines += 1;
    }
    expect(lines).toBeLessThan(100);
    const room = poster.room();
    service.silent = false;
    await room;
    await poster.finish(canceled);
    expect(trace().lines).toHaveLength(lines);
  }, 30_000);
});

describe('a job that says nothing', () => {
  test('is kept alive by beats', async () => {
    await using service = await startFakeService();
    const { poster, trace } = post(service, { beatEverySeconds: 0.2 });
    await until(() => trace().beats >= 3);
    await poster.finish(canceled);
  });

  test('hears of a cancel as soon as somebody hints at it', async () => {
    await using service = await startFakeService();
    service.verdict = 'cancel';
    const { poster } = post(service);
    expect(poster.signal.aborted).toBe(false);
    poster.ask();
    await until(() => poster.signal.aborted);
    expect(reasonOf(poster.signal)).toBe('cancel');
    expect(await poster.finish(canceled)).toBe(true);
  });
});

describe('the end of a job by the service', () => {
  test('a cancel still takes the last lines and the result', async () => {
    await using service = await startFakeService();
    service.verdict = 'cancel';
    const { poster, say, trace } = post(service);
    say('working');
    await until(() => poster.signal.aborted);
    say('Canceled.');
    expect(await poster.finish(canceled)).toBe(true);
    expect(trace().result).toEqual({ outcome: 'canceled', lines: 2 });
  });

  test('a job that is gone is not told about any more', async () => {
    await using service = await startFakeService();
    service.verdict = 'gone';
    const { poster, say, trace } = post(service);
    say('working');
    await until(() => poster.signal.aborted);
    expect(reasonOf(poster.signal)).toBe('gone');
    const { posts } = trace();
    expect(await poster.finish(canceled)).toBe(false);
    expect(trace().posts).toBe(posts);
  });

  test('no answer for longer than the limit ends the job', async () => {
    await using service = await startFakeService();
    service.silent = true;
    const { poster } = post(service, { beatEverySeconds: 0.1, unansweredLimitSeconds: 1 });
    await until(() => poster.signal.aborted);
    expect(reasonOf(poster.signal)).toBe('unanswered');
    await poster.abandon();
  }, 20_000);

  test('an answer that this runner does not understand ends the job', async () => {
    await using service = await startFakeService();
    const { poster, say } = post(service);
    service.fault = () => ({ kind: 'status', status: 400 });
    say('working');
    await until(() => poster.signal.aborted);
    expect(reasonOf(poster.signal)).toBe('refused');
    await poster.abandon();
  });
});
