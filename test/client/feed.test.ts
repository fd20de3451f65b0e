import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DeploymentFeedOptions,
  deploymentFeed,
  type FeedEvent,
} from '../../client/src/realtime/feed.ts';
import { DEPLOYMENT, type FakeSlipway, fakeSlipway, problem, replay } from '../support/fake-slipway.ts';
import { QUICK } from './pace.ts';

const END = (lines: number) => ({ lines, hash: 'f'.repeat(64) });

async function collect(
  fake: FakeSlipway,
  options: DeploymentFeedOptions = {},
  pace = QUICK,
): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  const signal = AbortSignal.timeout(15_000);
  const service = { url: fake.url, token: 'slp_test' };
  for await (const event of deploymentFeed(
    service,
    DEPLOYMENT,
    { statuses: false, signal, ...options },
    pace,
  ))
    events.push(event);
  return events;
}

const numbers = (events: readonly FeedEvent[]) =>
  events.flatMap((event) => (event.kind === 'line' ? [event.line.n] : []));
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);

describe('a feed', () => {
  it('gives what is stored and then what comes, and ends with the log', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two');
    fake.onSubscribe = (socket, after) => {
      replay(fake, socket, after);
      fake.append('three');
      socket.log(3, fake.lines.slice(2));
      fake.end = END(3);
      socket.frame({ type: 'end', data: { ...fake.end, status: 'succeeded' } });
    };
    const events = await collect(fake);
    expect(numbers(events)).toEqual([1, 2, 3]);
    expect(events.at(-1)).toMatchObject({ kind: 'end', lines: 3 });
  });

  it('reads from its cursor where a push was lost, without a replay, and drops what it has', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two', 'three', 'four');
    fake.end = END(4);
    let asked = 0;
    fake.onSubscribe = (socket, after) => {
      asked += 1;
      if (asked > 1) return replay(fake, socket, after);
      socket.frame({ type: 'subscribed', data: { head: 0, flushMs: 250 } });
      socket.log(1, fake.lines.slice(0, 2));
      socket.log(1, fake.lines.slice(0, 2));
      socket.log(4, fake.lines.slice(3));
    };
    expect(numbers(await collect(fake))).toEqual([1, 2, 3, 4]);
    expect(asked).toBe(1);
    expect(fake.requests.length).toBe(2);
  });

  it('asks the service for nothing where frames came in another order', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two', 'three');
    fake.onSubscribe = (socket) => {
      socket.frame({ type: 'subscribed', data: { head: 0, flushMs: 250 } });
      socket.frame({ type: 'end', data: { ...END(3), status: 'succeeded' } });
      socket.log(3, fake.lines.slice(2));
      socket.log(2, fake.lines.slice(1, 2));
      setTimeout(() => socket.log(1, fake.lines.slice(0, 1)), 100);
    };
    expect(numbers(await collect(fake, {}, { ...QUICK, gapMs: 5000 }))).toEqual([1, 2, 3]);
    expect(fake.heard).toHaveLength(1);
    expect(fake.requests).toEqual(['POST /v1/realtime/tickets']);
  });

  it('goes on behind its cursor after the socket was cut', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two', 'three');
    const cursors: number[] = [];
    fake.onSubscribe = (socket, after) => {
      cursors.push(after);
      if (cursors.length > 1) {
        fake.append('four');
        fake.end = END(4);
        return replay(fake, socket, after);
      }
      socket.log(1, fake.lines.slice(0, 2));
      setTimeout(() => socket.cut(), 50);
    };
    expect(numbers(await collect(fake))).toEqual([1, 2, 3, 4]);
    expect(cursors).toEqual([0, 2]);
  });

  it('lets live frames overtake the replay without asking again', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two', 'three', 'four');
    let asked = 0;
    fake.onSubscribe = (socket) => {
      asked += 1;
      fake.append('five');
      fake.end = END(5);
      socket.log(5, fake.lines.slice(4));
      socket.log(1, fake.lines.slice(0, 2));
      socket.log(3, fake.lines.slice(2, 4));
      socket.frame({ type: 'end', data: { ...END(5), status: 'succeeded' } });
    };
    expect(numbers(await collect(fake))).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toBe(1);
    expect(fake.requests).toEqual(['POST /v1/realtime/tickets']);
  });

  it('notices by the next pong that the last push was lost, and reads it', async () => {
    await using fake = await fakeSlipway();
    fake.append('one');
    fake.onSubscribe = (socket, after) => {
      replay(fake, socket, after);
      fake.append('two');
      fake.end = END(2);
    };
    expect(numbers(await collect(fake))).toEqual([1, 2]);
    expect(fake.heard).toHaveLength(1);
    expect(fake.requests).toEqual(['POST /v1/realtime/tickets', `GET /v1/deployments/${DEPLOYMENT}/logs`]);
  });

  it('reads what a service that says it has it does not send', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two');
    fake.end = END(2);
    fake.onSubscribe = () => {};
    expect(numbers(await collect(fake))).toEqual([1, 2]);
  });

  it('asks for nothing as long as pongs say that nothing came, and once when they say that it has ended', async () => {
    await using fake = await fakeSlipway();
    fake.append('one');
    setTimeout(() => {
      fake.end = END(1);
    }, 700);
    expect(numbers(await collect(fake))).toEqual([1]);
    expect(fake.pings).toBeGreaterThan(2);
    expect(fake.requests).toEqual(['POST /v1/realtime/tickets', `GET /v1/deployments/${DEPLOYMENT}/logs`]);
  });

  it('takes a socket whose pings nobody answers for dead, and goes on over another', async () => {
    await using fake = await fakeSlipway();
    fake.append('one');
    fake.answersPings = false;
    fake.onSubscribe = (socket, after) => {
      replay(fake, socket, after);
      if (fake.heard.length > 1) return;
      fake.append('two');
      fake.end = END(2);
    };
    expect(numbers(await collect(fake))).toEqual([1, 2]);
    expect(fake.heard).toMatchObject([{ after: 0 }, { after: 1 }]);
  });

  it('reads lines that a frame names but does not hold', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two');
    fake.end = END(2);
    fake.onSubscribe = (socket) =>
      socket.frame({
        type: 'log',
        data: { deploymentId: DEPLOYMENT, first: 1, last: 2, lines: [], omitted: [2] },
      });
    expect(numbers(await collect(fake))).toEqual([1, 2]);
  });

  it('ends at once with the reason where the service refuses', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({
      status: 401,
      body: problem(401, 'UNAUTHENTICATED'),
    });
    await expect(collect(fake)).rejects.toMatchObject({ kind: 'refused', code: 'UNAUTHENTICATED' });
  });

  it('gives lines 1..n once each, whatever is lost, repeated or cut on the way', async () => {
    const mischief = fc.array(fc.constantFrom('ok', 'lose', 'repeat', 'cut'), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(mischief, fc.integer({ min: 1, max: 40 }), async (planned, total) => {
        const plan = [...planned];
        await using fake = await fakeSlipway();
        fake.append(...upTo(total).map(String));
        fake.end = END(total);
        fake.onSubscribe = (socket, after) => {
          for (let n = after + 1; n <= total; n += 3) {
            const chunk = fake.lines.slice(n - 1, n + 2);
            const act = plan.shift() ?? 'ok';
            if (act === 'cut') return socket.cut();
            if (act !== 'lose') socket.log(n, chunk);
            if (act === 'repeat') socket.log(n, chunk);
          }
          socket.frame({ type: 'end', data: { ...END(total), status: 'succeeded' } });
        };
        expect(numbers(await collect(fake))).toEqual(upTo(total));
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});
