import { BatchGetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerFrame } from '../../../shared/contracts/realtime.ts';
import {
  publishEnd,
  publishJobOffered,
  publishLines,
  publishStatus,
} from '../../../shared/platform/sockets.ts';
import { MUST_NOT_EXIST } from '../../../shared/store/conditions.ts';
import { getConnection, removeConnectionsOf } from '../../../shared/store/connections.ts';
import { deploymentItem } from '../../../shared/store/deployment-item.ts';
import { putItem, transact } from '../../../shared/store/engine.ts';
import { appendLines, endLog } from '../../../shared/store/log-chain.ts';
import { MOST_TOPICS, subscribe } from '../../../shared/store/subscriptions.ts';
import { newTicket } from '../../../shared/store/tickets.ts';
import { deleteToken, verifyToken } from '../../../shared/store/tokens.ts';
import { numbered } from '../../shared/store/log-chain/lines.ts';
import { givenDeployment, givenProject } from '../../support/given.ts';
import { linesOf, viewersOf } from '../../support/viewers.ts';
import { wholeEnded } from '../../support/whole-records.ts';
import { type TestRealtime, testRealtime } from './world.ts';

let realtime: TestRealtime;
beforeEach(async () => {
  realtime = await testRealtime();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const numbers = (frames: readonly ServerFrame[]) => linesOf(frames).map((line) => line.n);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const types = (frames: readonly ServerFrame[]) => frames.map((frame) => frame.type);

/** Stores and pushes lines as ingest does. */
async function produce(world: TestRealtime, from: number, to: number): Promise<void> {
  const { store, publisher, deployment } = world;
  const appended = await appendLines(store, deployment.id, 'build', from, numbered(from, to));
  await publishLines(publisher, deployment.id, appended.lines);
}

describe('a token that has ended', () => {
  const subscribeFrame = () => ({ action: 'subscribe', topic: realtime.topic });

  test('ends what its sockets may ask for and what they hear, once it was taken back', async () => {
    const token = await realtime.token();
    await realtime.open('a', token);
    expect(types(await realtime.send('a', subscribeFrame()))).toContain('subscribed');
    await deleteToken(realtime.store, `tok_${token.slice(4, 30)}`);
    expect(await realtime.send('a', subscribeFrame())).toMatchObject([{ data: { code: 'UNAUTHENTICATED' } }]);
    expect(await viewersOf(realtime.store, realtime.topic)).toEqual([]);
    await produce(realtime, 0, 2);
    expect(linesOf(realtime.sockets.frames('a'))).toEqual([]);
  });

  test('ends what its sockets hear at once, each of them told so at its next ping', async () => {
    const token = await realtime.token();
    const tokenId = `tok_${token.slice(4, 30)}`;
    for (const id of ['a', 'b']) {
      await realtime.open(id, token);
      await realtime.send(id, subscribeFrame());
    }
    await realtime.open('other');
    await realtime.send('other', subscribeFrame());
    expect(types(await realtime.send('a', { action: 'ping' }))).toEqual(['pong']);
    await deleteToken(realtime.store, tokenId);
    await removeConnectionsOf(realtime.store, tokenId);
    await produce(realtime, 0, 2);
    for (const id of ['a', 'b']) {
      expect(linesOf(realtime.sockets.frames(id))).toEqual([]);
      expect(await realtime.send(id, { action: 'ping' })).toMatchObject([
        { data: { code: 'UNAUTHENTICATED' } },
      ]);
      expect(await getConnection(realtime.store, id)).toBeUndefined();
    }
    expect(numbers(realtime.sockets.frames('other'))).toEqual([1, 2]);
  });

  test('leaves no subscription that was being made while it went', async () => {
    const token = await realtime.token();
    const tokenId = `tok_${token.slice(4, 30)}`;
    await realtime.open('a', token);
    const rounds = Array.from({ length: 10 }, () => realtime.send('a', subscribeFrame()));
    const gone = deleteToken(realtime.store, tokenId).then(() =>
      removeConnectionsOf(realtime.store, tokenId),
    );
    await Promise.all([gone, ...rounds]);
    expect(await viewersOf(realtime.store, realtime.topic)).toEqual([]);
  });

  test('lets no socket in that was being opened while it went', async () => {
    for (let round = 0; round < 5; round += 1) {
      const token = await realtime.token();
      const tokenId = `tok_${token.slice(4, 30)}`;
      const headers = { authorization: `Bearer ${token}` };
      const [status] = await Promise.all([
        realtime.connect(`late-${round}`, { headers }),
        deleteToken(realtime.store, tokenId).then(() => removeConnectionsOf(realtime.store, tokenId)),
      ]);
      // Let in before the end of the token, and forgotten with it, or not let in.
      expect([200, 401]).toContain(status);
      expect(await getConnection(realtime.store, `late-${round}`)).toBeUndefined();
    }
  });

  test('ends what its sockets hear at the moment it expires', async () => {
    const expiresAt = new Date(realtime.store.clock.now() + 60_000).toISOString();
    await realtime.open('a', await realtime.token(undefined, 'api', { expiresAt }));
    await realtime.send('a', subscribeFrame());
    await produce(realtime, 0, 1);
    realtime.store.clock.advance(61_000);
    await produce(realtime, 1, 2);
    expect(numbers(realtime.sockets.frames('a'))).toEqual([1]);
    expect(await realtime.send('a', subscribeFrame())).toMatchObject([{ data: { code: 'UNAUTHENTICATED' } }]);
  });

  test('ends its sockets that were opened by a ticket as well', async () => {
    const expiresAt = new Date(realtime.store.clock.now() + 30_000).toISOString();
    const actor = await verifyToken(realtime.store, await realtime.token(undefined, 'api', { expiresAt }));
    const { ticket, write } = newTicket(realtime.store, actor);
    await transact(realtime.store, [write]);
    expect(await realtime.connect('a', { ticket })).toBe(200);
    realtime.store.clock.advance(31_000);
    expect(await realtime.send('a', subscribeFrame())).toMatchObject([{ data: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('a subscription', () => {
  test('is confirmed, told where the deployment stands, and given everything behind its cursor', async () => {
    await produce(realtime, 0, 5);
    await realtime.open('a');
    const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 2 });
    expect(types(frames)).toEqual(['subscribed', 'status', 'log']);
    expect(frames[0]).toMatchObject({ topic: realtime.topic, data: { head: 5, flushMs: 250 } });
    expect(frames[1]).toMatchObject({ data: { deploymentId: realtime.deployment.id, status: 'building' } });
    expect(numbers(frames)).toEqual([3, 4, 5]);
  });

  test('without a cursor begins with what comes next', async () => {
    await produce(realtime, 0, 5);
    await realtime.open('a');
    expect(types(await realtime.send('a', { action: 'subscribe', topic: realtime.topic }))).toEqual([
      'subscribed',
      'status',
    ]);
    await produce(realtime, 5, 7);
    expect(numbers(realtime.sockets.frames('a'))).toEqual([6, 7]);
  });

  test('gets a whole log of thousands of lines in frames of at most 32 KB', async () => {
    for (let at = 0; at < 4000; at += 2000) await produce(realtime, at, at + 2000);
    await realtime.open('a');
    const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
    expect(numbers(frames)).toEqual(range(1, 4000));
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(32 * 1024);
  });

  test('to a finished log gets its end after the last line, at once', async () => {
    await produce(realtime, 0, 3);
    const end = await endLog(realtime.store, realtime.deployment.id);
    await realtime.open('a');
    const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
    expect(types(frames)).toEqual(['subscribed', 'status', 'log', 'end']);
    expect(frames.at(-1)).toMatchObject({ data: { ...end, status: 'building' } });
    const beyond = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 99 });
    expect(types(beyond)).toEqual(['subscribed', 'status', 'end']);
  });

  test('with a cursor beyond the end is told how far the log is, and goes on live', async () => {
    await produce(realtime, 0, 2);
    await realtime.open('a');
    const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 1000 });
    expect(types(frames)).toEqual(['subscribed', 'status']);
    expect(frames[0]).toMatchObject({ data: { head: 2 } });
    await produce(realtime, 2, 3);
    expect(numbers(realtime.sockets.frames('a'))).toEqual([3]);
  });

  test('of a socket that was cut after two hours goes on at another one, from its cursor', async () => {
    await realtime.open('first');
    await realtime.send('first', { action: 'subscribe', topic: realtime.topic, after: 0 });
    await produce(realtime, 0, 2);
    realtime.store.clock.advance(2 * 3_600_000);
    // API Gateway cuts the socket, and says so sometimes late or never.
    realtime.sockets.deliver((id) => (id === 'first' ? 'gone' : 'sent'));
    await produce(realtime, 2, 3);
    await realtime.open('second');
    await realtime.send('second', { action: 'subscribe', topic: realtime.topic, after: 2 });
    await produce(realtime, 3, 4);
    expect(numbers(realtime.sockets.frames('first'))).toEqual([1, 2]);
    expect(numbers(realtime.sockets.frames('second'))).toEqual([3, 4]);
    expect(await getConnection(realtime.store, 'first')).toBeUndefined();
  });

  test('with a filter gets what passes, in replay and live', async () => {
    const { store, publisher, deployment } = realtime;
    const lines = numbered(0, 6).map(
      (line, i) => ({ ...line, level: i % 2 === 0 ? 'info' : 'error' }) as const,
    );
    await appendLines(store, deployment.id, 'build', 0, lines.slice(0, 4));
    await realtime.open('a');
    const frames = await realtime.send('a', {
      action: 'subscribe',
      topic: realtime.topic,
      after: 0,
      level: 'warn',
    });
    expect(numbers(frames)).toEqual([2, 4]);
    const more = await appendLines(store, deployment.id, 'build', 4, lines.slice(4));
    await publishLines(publisher, deployment.id, more.lines);
    expect(numbers(realtime.sockets.frames('a'))).toEqual([2, 4, 6]);
  });

  test('ends with unsubscribe', async () => {
    await realtime.open('a');
    await realtime.send('a', { action: 'subscribe', topic: realtime.topic });
    await realtime.send('a', { action: 'unsubscribe', topic: realtime.topic });
    await produce(realtime, 0, 1);
    expect(numbers(realtime.sockets.frames('a'))).toEqual([]);
    expect(await viewersOf(realtime.store, realtime.topic)).toEqual([]);
  });

  test('that comes late, while lines come and pushes are lost, ends with lines 1..n, none missing or repeated', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ lines: fc.integer({ min: 1, max: 9 }), lost: fc.boolean(), wait: fc.nat(3) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(12),
        async (batches, joinsAt) => {
          const world = await testRealtime();
          await world.open('late');
          let at = 0;
          let joined: Promise<unknown> = Promise.resolve();
          for (const [i, { lines, lost }] of batches.entries()) {
            world.sockets.deliver((_, frame) => (lost && frame.type === 'log' ? 'lost' : 'sent'));
            // The subscribe and the next batch are on their way at the same time.
            if (i === joinsAt)
              joined = world.send('late', { action: 'subscribe', topic: world.topic, after: 0 });
            await produce(world, at, at + lines);
            at += lines;
          }
          await joined;
          world.sockets.deliver(() => 'sent');
          expect(await follow(world, 'late')).toEqual(range(1, at));
        },
      ),
      { numRuns: 6 },
    );
  });
});

/** What a client does: orders by number, drops repeats, asks again from its cursor where something is missing. */
async function follow(world: TestRealtime, id: string): Promise<number[]> {
  const seen: number[] = [];
  const take = (frames: readonly ServerFrame[]) => {
    for (const n of numbers(frames).toSorted((a, b) => a - b)) if (n === seen.length + 1) seen.push(n);
  };
  take(world.sockets.frames(id));
  take(await world.send(id, { action: 'subscribe', topic: world.topic, after: seen.length }));
  return seen;
}

describe('who may watch what', () => {
  const refused = (frames: readonly ServerFrame[]) =>
    frames.map((frame) => (frame.type === 'error' ? [frame.data.code, frame.data.message] : frame.type));

  test('what may not be seen answers exactly like what is not there', async () => {
    const other = await givenProject(realtime.store);
    const theirs = await givenDeployment(realtime.store, other);
    await realtime.open('a', await realtime.token([{ role: 'admin', projectId: realtime.given.project.id }]));
    const absent = 'dep_01JHN0000000000000000000ZZ';
    const ask = async (id: string) =>
      JSON.stringify(refused(await realtime.send('a', { action: 'subscribe', topic: `deployment:${id}` })));
    const [hidden, nothing] = [await ask(theirs.id), await ask(absent)];
    expect(hidden.replaceAll(theirs.id, '')).toBe(nothing.replaceAll(absent, ''));
    expect(hidden).toContain('DEPLOYMENT_NOT_FOUND');
    const project = await realtime.send('a', { action: 'subscribe', topic: `project:${other.project.id}` });
    expect(refused(project)).toMatchObject([['PROJECT_NOT_FOUND', expect.any(String)]]);
    expect(await viewersOf(realtime.store, `deployment:${theirs.id}`)).toEqual([]);
  });

  test('the runner topic is for runner tokens, and nothing else is for them', async () => {
    await realtime.open('person');
    const refused = await realtime.send('person', { action: 'subscribe', topic: 'runner' });
    expect(refused).toMatchObject([{ type: 'error', data: { code: 'RUNNER_NOT_FOUND' } }]);
    await realtime.open('agent', await realtime.token([{ role: 'viewer' }], 'runner'));
    expect(types(await realtime.send('agent', { action: 'subscribe', topic: realtime.topic }))).toEqual([
      'error',
    ]);
    expect(types(await realtime.send('agent', { action: 'subscribe', topic: 'runner' }))).toEqual([
      'subscribed',
    ]);
    await publishJobOffered(realtime.publisher, 'dep_x.build.0', 'default');
    expect(realtime.sockets.frames('agent').at(-1)).toMatchObject({
      type: 'job',
      data: { event: 'offered', jobKey: 'dep_x.build.0', label: 'default' },
    });
    expect(types(realtime.sockets.frames('person'))).toEqual(['error']);
  });

  test("a project's viewers hear of all its deployments, those of one environment only of theirs", async () => {
    const { deployment, given } = realtime;
    const topic = `project:${given.project.id}`;
    await realtime.open('all');
    const projectId = given.project.id;
    await realtime.open(
      'some',
      await realtime.token([{ role: 'viewer', projectId, environment: 'staging' }]),
    );
    await realtime.open(
      'same',
      await realtime.token([{ role: 'viewer', projectId, environment: 'production' }]),
    );
    for (const id of ['all', 'some', 'same']) await realtime.send(id, { action: 'subscribe', topic });
    await publishStatus(realtime.publisher, deployment);
    for (const id of ['all', 'same']) {
      expect(realtime.sockets.frames(id).at(-1)).toMatchObject({
        type: 'status',
        topic,
        seq: deployment.revision,
        data: { deploymentId: deployment.id, revision: deployment.revision },
      });
    }
    expect(types(realtime.sockets.frames('some'))).toEqual(['subscribed']);
  });
});

describe('a pong', () => {
  test('costs the heads of what the socket hears, and reads no line for them', async () => {
    await produce(realtime, 0, 200);
    await realtime.open('a');
    await realtime.send('a', { action: 'subscribe', topic: realtime.topic });
    const sent = vi.spyOn(realtime.store.client, 'send');
    const [pong] = await realtime.send('a', { action: 'ping' });
    expect(pong).toMatchObject({ data: { heads: [{ topic: realtime.topic, head: 200, ended: false }] } });
    const queries = sent.mock.calls.flatMap(([command]) =>
      command instanceof QueryCommand ? command.input : [],
    );
    expect(queries).toHaveLength(1);
    const names = Object.values(queries[0]?.ExpressionAttributeNames ?? {});
    expect(names).toContain('h');
    expect(names).not.toContain('l');
  });
});

describe('a project', () => {
  test('tells of more than fifty that are open, with one read of their records', async () => {
    const { store, given } = realtime;
    for (let n = 0; n < 60; n += 1) await givenDeployment(store, given, { status: 'queued' });
    await realtime.open('all');
    const sent = vi.spyOn(store.client, 'send');
    const frames = await realtime.send('all', { action: 'subscribe', topic: `project:${given.project.id}` });
    expect(types(frames).filter((type) => type === 'status')).toHaveLength(61);
    const batches = sent.mock.calls.filter(([command]) => command instanceof BatchGetItemCommand);
    expect(batches).toHaveLength(1);
  });

  test('begins for its viewer with where each deployment stands that has not ended', async () => {
    const { store, given, deployment } = realtime;
    const topic = `project:${given.project.id}`;
    const queued = await givenDeployment(store, given, { status: 'queued', progress: 1 });
    const elsewhere = await givenDeployment(store, given, { status: 'building', environment: 'staging' });
    const ended = { ...wholeEnded, projectId: given.project.id };
    await putItem(store, deploymentItem(ended), MUST_NOT_EXIST);
    await givenDeployment(store, await givenProject(store));
    const ids = (frames: readonly ServerFrame[]) =>
      frames.flatMap((frame) => (frame.type === 'status' ? [frame.data.deploymentId] : []));
    await realtime.open('all');
    const frames = await realtime.send('all', { action: 'subscribe', topic });
    expect(frames[0]).toMatchObject({ type: 'subscribed', topic });
    expect(new Set(ids(frames))).toEqual(new Set([deployment.id, queued.id, elsewhere.id]));
    expect(frames).toContainEqual(
      expect.objectContaining({
        topic,
        seq: queued.revision,
        data: expect.objectContaining({ status: 'queued', progress: 1 }),
      }),
    );
    const grants = [
      { role: 'viewer', projectId: given.project.id, environment: given.environment.name },
    ] as const;
    await realtime.open('some', await realtime.token(grants));
    expect(new Set(ids(await realtime.send('some', { action: 'subscribe', topic })))).toEqual(
      new Set([deployment.id, queued.id]),
    );
  });
});

describe('bad frames', () => {
  const codeOf = (frames: readonly ServerFrame[]) =>
    frames.map((frame) => (frame.type === 'error' ? frame.data.code : frame.type));

  test('get an error frame each, and the socket stays open', async () => {
    await realtime.open('a');
    const bad: [unknown, string][] = [
      ['not json', 'VALIDATION_FAILED'],
      ['', 'VALIDATION_FAILED'],
      ['[]', 'VALIDATION_FAILED'],
      ['null', 'VALIDATION_FAILED'],
      [{ action: 'dance' }, 'VALIDATION_FAILED'],
      [{ action: 'subscribe' }, 'VALIDATION_FAILED'],
      [{ action: 'subscribe', topic: 'deployment:x' }, 'VALIDATION_FAILED'],
      [{ action: 'subscribe', topic: realtime.topic, after: -1 }, 'VALIDATION_FAILED'],
      [{ action: 'subscribe', topic: realtime.topic, extra: 1 }, 'VALIDATION_FAILED'],
      [{ action: 'ping', pad: 'x'.repeat(33_000) }, 'PAYLOAD_TOO_LARGE'],
    ];
    for (const [frame, code] of bad) expect(codeOf(await realtime.send('a', frame))).toEqual([code]);
    expect(codeOf(await realtime.sendBinary('a', '{"action":"ping"}'))).toEqual(['VALIDATION_FAILED']);
    expect(codeOf(await realtime.send('a', { action: 'ping' }))).toEqual(['pong']);
  });

  test('from a socket that was never let in get an error too', async () => {
    const frames = await realtime.send('stranger', { action: 'subscribe', topic: realtime.topic });
    expect(codeOf(frames)).toEqual(['UNAUTHENTICATED']);
  });

  test('a thousand subscribes stop at the limit, and one that is there may be repeated', async () => {
    await realtime.open('a');
    const topic = (i: number) => `project:prj_${String(i).padStart(26, '0')}`;
    const codes: string[] = [];
    for (let i = 0; i < MOST_TOPICS; i += 1) codes.push(await subscribe(realtime.store, 'a', topic(i)));
    expect(new Set(codes)).toEqual(new Set(['subscribed']));
    const over = await realtime.send('a', { action: 'subscribe', topic: realtime.topic });
    expect(codeOf(over)).toEqual(['RATE_LIMIT_EXCEEDED']);
    expect(await subscribe(realtime.store, 'a', topic(3))).toBe('subscribed');
    expect(await subscribe(realtime.store, 'nobody', topic(3))).toBe('gone');
  });
});

describe('a ping', () => {
  const headsOf = async (id: string) => {
    const [frame] = await realtime.send(id, { action: 'ping' });
    return frame?.type === 'pong' ? frame.data.heads : frame;
  };

  test('is answered with how far each topic has come, so that a lost last push is noticed', async () => {
    await realtime.open('a');
    expect(await headsOf('a')).toEqual([]);
    await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
    const project = `project:${realtime.given.project.id}`;
    await realtime.send('a', { action: 'subscribe', topic: project });
    const known = { topic: project, head: 0, ended: false };
    expect(await headsOf('a')).toContainEqual({ topic: realtime.topic, head: 0, ended: false });
    expect(await headsOf('a')).toContainEqual(known);
    realtime.sockets.deliver((_, frame) => (frame.type === 'log' ? 'lost' : 'sent'));
    await produce(realtime, 0, 3);
    expect(linesOf(realtime.sockets.frames('a'))).toEqual([]);
    expect(await headsOf('a')).toContainEqual({ topic: realtime.topic, head: 3, ended: false });
    await endLog(realtime.store, realtime.deployment.id);
    expect(await headsOf('a')).toContainEqual({ topic: realtime.topic, head: 3, ended: true });
    await realtime.send('a', { action: 'unsubscribe', topic: realtime.topic });
    expect(await headsOf('a')).toEqual([known]);
  });

  test('reads once for each topic, however long its log is', async () => {
    for (let at = 0; at < 60; at += 20) await produce(realtime, at, at + 20);
    await realtime.open('a');
    await realtime.send('a', { action: 'subscribe', topic: realtime.topic });
    const sent = vi.spyOn(realtime.store.client, 'send');
    await headsOf('a');
    // The connection, and the end of the one log.
    expect(sent).toHaveBeenCalledTimes(2);
  });
});

test('the end reaches everybody who watches', async () => {
  await realtime.open('a');
  await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
  await produce(realtime, 0, 2);
  const end = await endLog(realtime.store, realtime.deployment.id);
  await publishEnd(realtime.publisher, realtime.deployment, end);
  expect(realtime.sockets.frames('a').at(-1)).toMatchObject({
    type: 'end',
    data: { lines: 2, hash: end.hash },
  });
});

test('a subscription that outlived its socket is skipped once its time is up', async () => {
  await realtime.open('a');
  await realtime.send('a', { action: 'subscribe', topic: realtime.topic });
  realtime.store.clock.advance(2 * 3_600_000 + 600_000);
  expect(await viewersOf(realtime.store, realtime.topic)).toEqual([]);
});
