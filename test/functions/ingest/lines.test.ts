import { QueryCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { putConnection } from '../../../shared/store/connections.ts';
import { changeWith, getDeployment, requireDeployment } from '../../../shared/store/deployments.ts';
import { lastBeat, lastHeard } from '../../../shared/store/heartbeats.ts';
import { cancelJob, loseJob } from '../../../shared/store/jobs.ts';
import { endLog } from '../../../shared/store/log-chain.ts';
import { subscribe } from '../../../shared/store/subscriptions.ts';
import { addSystemLine } from '../../../shared/store/system-log.ts';
import { allLines } from '../../shared/store/log-chain/chain.ts';
import { claimedJob } from '../../support/claimed-job.ts';
import { linesOf } from '../../support/viewers.ts';
import { type TestIngest, testIngest } from './world.ts';

let ingest: TestIngest;
beforeEach(async () => {
  ingest = await testIngest();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const stored = async (from: TestIngest = ingest) =>
  (await allLines(from.store, from.deployment.id)).map((line) => line.message);

const watch = async (connectionId: string, filter = {}) => {
  const actor = { tokenId: 't', subject: 'ada', kind: 'api', grants: [], groups: [] } as const;
  await putConnection(ingest.store, connectionId, actor);
  await subscribe(ingest.store, connectionId, `deployment:${ingest.deployment.id}`, { filter });
};

test('posts without a job’s token make nothing be forgotten of a job', async () => {
  const begun = ['-----BEGIN PRIVATE KEY-----', 'MIIEvgIBADANBgkq'];
  await ingest.lines(0, begun);
  for (let i = 0; i < 250; i += 1) {
    const stranger = `dep_${String(i).padStart(26, '0')}.build.0`;
    expect((await ingest.postTo(stranger, 'lines', { offset: 0, lines: [] }, 'slj_guessed')).status).toBe(
      401,
    );
  }
  await ingest.lines(2, ['hkiG9w0BAQEFAASC', '-----END PRIVATE KEY-----', 'after']);
  const lines = await stored();
  expect(lines.join('\n')).not.toContain('hkiG9w0BAQEFAASC');
  expect(lines.at(-1)).toBe('after');
}, 20_000);

test('the lines of twelve builds at once, through one process, go each into its own log', async () => {
  const jobs: Awaited<ReturnType<typeof claimedJob>>[] = [];
  for (let n = 0; n < 12; n += 1) jobs.push(await claimedJob(ingest.store));
  const said = (id: string, offset: number) =>
    Array.from({ length: 5 }, (_, n) => ({
      at: ingest.store.clock.now(),
      level: 'info',
      step: 'build',
      message: `line ${offset + n} of ${id}`,
    }));
  for (const offset of [0, 5, 10]) {
    const posts = jobs.map(({ jobKey, jobToken, deployment: { id } }) =>
      ingest.postTo(jobKey, 'lines', { offset, lines: said(id, offset) }, jobToken),
    );
    for (const { status } of await Promise.all(posts)) expect(status).toBe(200);
  }
  for (const { deployment } of jobs) {
    const messages = (await allLines(ingest.store, deployment.id)).map(({ message }) => message);
    expect(messages).toEqual(
      [0, 5, 10].flatMap((offset) => said(deployment.id, offset).map((one) => one.message)),
    );
  }
});

describe('a batch', () => {
  test('has as many lines as it says: what would make two of one, or end it, is shown by its picture', async () => {
    const given = ['a\0b', '10%\r100%', 'one\ntwo\r\n', '\u001b[31mred\u001b[0m', ''];
    expect(await ingest.lines(0, given)).toMatchObject({ body: { nextOffset: given.length } });
    expect(await stored()).toEqual([
      'a\u2400b',
      '10%\u240d100%',
      'one\u240atwo\u240d\u240a',
      '\u001b[31mred\u001b[0m',
      '',
    ]);
  });

  test('keeps a line of exactly 64 KB whole, and splits a longer one of somebody else’s runner', async () => {
    const whole = '\u001b[1m'.repeat(16 * 1024);
    await ingest.lines(0, [whole]);
    await ingest.lines(1, [`${whole}x`]);
    const lines = await stored();
    expect(lines[0]).toBe(whole);
    expect(lines.slice(1).map((line) => Buffer.byteLength(line) <= 65_536)).toEqual([true, true]);
    expect(lines.slice(1).join('').replace('……', '')).toBe(`${whole}x`);
  });

  test('is stored, and the answer says where and how fast to go on', async () => {
    expect(await ingest.lines(0, ['one', 'two'])).toEqual({
      status: 200,
      body: { verdict: 'go-on', nextOffset: 2, flushMs: 5000 },
    });
    expect(await ingest.lines(2, ['three'])).toMatchObject({ body: { nextOffset: 3 } });
    expect(await stored()).toEqual(['one', 'two', 'three']);
  });

  test('may come again, overlap or be empty; each line is stored once', async () => {
    await ingest.lines(0, ['one', 'two']);
    expect((await ingest.lines(0, ['one', 'two'])).body.nextOffset).toBe(2);
    expect((await ingest.lines(1, ['two', 'three'])).body.nextOffset).toBe(3);
    expect((await ingest.lines(3, [])).body.nextOffset).toBe(3);
    expect((await ingest.lines(0, ['one'])).body.nextOffset).toBe(3);
    expect(await stored()).toEqual(['one', 'two', 'three']);
  });

  test('that would leave a gap is refused with the offset to go on from', async () => {
    await ingest.lines(0, ['one']);
    expect(await ingest.lines(2, ['three'])).toMatchObject({
      status: 409,
      body: { code: 'OFFSET_MISMATCH', nextOffset: 1 },
    });
    expect(await ingest.lines(9e15, ['far'])).toMatchObject({ status: 409 });
    expect(await stored()).toEqual(['one']);
  });

  test('in any order, repeated and cut in any way, over two processes, gives the log once and in order', async () => {
    const all = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    const cuts = fc.array(
      fc.record({ at: fc.nat(39), size: fc.integer({ min: 1, max: 12 }), other: fc.boolean() }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(cuts, async (posts) => {
        const here = await testIngest();
        const there = here.elsewhere();
        const arrived = () => stored(here);
        for (const { at, size, other } of posts) {
          await (other ? there : here).lines(at, all.slice(at, at + size));
          const sofar = await arrived();
          expect(sofar).toEqual(all.slice(0, sofar.length));
        }
        // What a runner does at last: it goes on from where it is told until all is there.
        for (let next = 0; next < all.length; ) {
          next = (await there.lines(next, all.slice(next, next + 7))).body.nextOffset;
        }
        expect(await arrived()).toEqual(all);
      }),
      { numRuns: 6 },
    );
  });

  test('with a time from the future or of no date does not bend the log', async () => {
    const line = { level: 'info', step: 'build', message: 'late' };
    const later = ingest.store.clock.now() + 86_400_000;
    await ingest.post('lines', {
      offset: 0,
      lines: [
        { ...line, at: later },
        { ...line, at: 9e15 },
      ],
    });
    const lines = await allLines(ingest.store, ingest.deployment.id);
    for (const { at } of lines) expect(at).toBeLessThanOrEqual(ingest.store.clock.now() + 60_000);
  });

  test('is masked where it has the form of a secret, also over the border of two batches', async () => {
    const key = [
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIEowIBAAKCAQEA',
      'c2VjcmV0',
      '-----END RSA PRIVATE KEY-----',
    ];
    await ingest.lines(0, ['AKIAIOSFODNN7EXAMPLE is the key', ...key.slice(0, 2)]);
    await ingest.lines(3, [...key.slice(2), 'after']);
    const text = (await stored()).join('\n');
    for (const secret of ['AKIAIOSFODNN7EXAMPLE', 'MIIEowIBAAKCAQEA', 'c2VjcmV0']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('is the key');
    expect(text.endsWith('after')).toBe(true);
  });
});

describe('a private key', () => {
  const key = [
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIEowIBAAKCAQEA',
    'c2VjcmV0',
    '-----END RSA PRIVATE KEY-----',
  ];
  const leaked = async () => {
    const text = (await stored()).join('\n');
    return ['MIIEowIBAAKCAQEA', 'c2VjcmV0'].filter((secret) => text.includes(secret));
  };

  test('is masked also where its next lines come to another process', async () => {
    await ingest.lines(0, ['before', ...key.slice(0, 2)]);
    await ingest.elsewhere().lines(3, key.slice(2, 3));
    await ingest.elsewhere().lines(4, [...key.slice(3), 'after']);
    expect(await leaked()).toEqual([]);
    expect((await stored()).at(-1)).toBe('after');
  });

  test('is masked where another process took its beginning and this one remembers the lines before', async () => {
    const there = ingest.elsewhere();
    await ingest.lines(0, ['before']);
    await there.lines(1, key.slice(0, 2));
    await ingest.lines(3, [...key.slice(2), 'after']);
    expect(await leaked()).toEqual([]);
    expect((await stored()).at(-1)).toBe('after');
  });

  test('is masked where a repeat brings its beginning again, and another job beside it is not', async () => {
    await ingest.lines(0, key.slice(0, 2));
    await addSystemLine(ingest.store, ingest.deployment.id, 'steps', {
      level: 'info',
      step: 'gate',
      message: 'shown',
    });
    await ingest.elsewhere().lines(1, [...key.slice(1), 'after']);
    expect(await leaked()).toEqual([]);
    expect(await stored()).toContain('shown');
    expect((await stored()).at(-1)).toBe('after');
  });

  test('costs no write and no read of its own', async () => {
    await ingest.lines(0, ['before']);
    const sent = vi.spyOn(ingest.store.client, 'send');
    const calls = async (offset: number, messages: readonly string[]) => {
      const before = sent.mock.calls.length;
      await ingest.lines(offset, messages);
      return sent.mock.calls.length - before;
    };
    const ordinary = await calls(1, ['one']);
    expect(await calls(2, key.slice(0, 2))).toBe(ordinary);
    expect(await calls(4, key.slice(2))).toBe(ordinary);
  });

  test('may come again and again, cut in any way, to any process', async () => {
    const all = ['one', ...key, 'two', ...key, 'three'];
    const cuts = fc.array(
      fc.record({ at: fc.nat(10), size: fc.integer({ min: 1, max: 4 }), other: fc.boolean() }),
      { maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(cuts, async (posts) => {
        const here = await testIngest();
        const there = here.elsewhere();
        for (const { at, size, other } of posts)
          await (other ? there : here).lines(at, all.slice(at, at + size));
        for (let next = 0, turn = 0; next < all.length; turn += 1) {
          next = (await (turn % 2 === 0 ? there : here).lines(next, all.slice(next, next + 2))).body
            .nextOffset;
        }
        const masked = [...Array.from({ length: 4 }, () => '***')];
        expect(await stored(here)).toEqual(['one', ...masked, 'two', ...masked, 'three']);
      }),
      { numRuns: 6 },
    );
  });
});

test('what came first at an offset stays, whatever a later post says that stood there', async () => {
  await ingest.lines(0, ['one', 'two']);
  expect(await ingest.lines(0, ['ONE', 'TWO', 'three'])).toMatchObject({ body: { nextOffset: 3 } });
  expect(await ingest.elsewhere().lines(1, ['zwei'])).toMatchObject({ body: { nextOffset: 3 } });
  expect(await stored()).toEqual(['one', 'two', 'three']);
});

describe('bad posts', () => {
  test('are refused and write nothing', async () => {
    const line = { at: 1, level: 'info', step: 'build', message: 'x' };
    const refused: [unknown, string | undefined][] = [
      [{ offset: -1, lines: [] }, '/offset'],
      [{ offset: 0.5, lines: [] }, '/offset'],
      [{ offset: 0 }, '/lines'],
      [{ offset: 0, lines: [{ ...line, level: 'loud' }] }, '/lines/0/level'],
      [{ offset: 0, lines: [{ ...line, at: -1 }] }, '/lines/0/at'],
      [{ offset: 0, lines: [{ ...line, extra: 1 }] }, '/lines/0/extra'],
      [{ offset: 0, lines: [line], step: 'dance' }, '/step'],
      [{ offset: 0, lines: Array.from({ length: 2001 }, () => line) }, '/lines'],
    ];
    for (const [body, field] of refused) {
      expect(await ingest.post('lines', body)).toMatchObject({ status: 400, body: { field } });
    }
    expect((await ingest.lines(0, ['x'.repeat(600_000)])).status).toBe(413);
    expect(await stored()).toEqual([]);
  });

  test("with another job's token, or none that was given out, are refused", async () => {
    const other = await testIngest();
    for (const token of [other.jobToken, 'slj_nothing', `${ingest.jobToken}x`]) {
      expect((await ingest.post('lines', { offset: 0, lines: [] }, token)).status).toBe(401);
    }
    await ingest.lines(0, ['one']);
    // What one token opened stays closed to another.
    expect((await ingest.post('lines', { offset: 1, lines: [] }, other.jobToken)).status).toBe(401);
  });
});

describe('the verdict', () => {
  test('is gone behind the end of the log', async () => {
    await ingest.lines(0, ['one']);
    await endLog(ingest.store, ingest.deployment.id);
    expect(await ingest.lines(1, ['two'])).toMatchObject({ status: 200, body: { verdict: 'gone' } });
    expect(await ingest.elsewhere().lines(1, ['two'])).toMatchObject({ body: { verdict: 'gone' } });
    expect(await stored()).toEqual(['one']);
  });

  test('is gone for a lost job, at once in a keep-alive and within ten seconds with lines', async () => {
    await ingest.lines(0, ['one']);
    await loseJob(ingest.store, ingest.jobKey);
    expect((await ingest.post('beats', {})).body).toMatchObject({ verdict: 'gone', nextOffset: 1 });
    ingest.store.clock.advance(10_000);
    expect((await ingest.lines(1, ['two'])).body.verdict).toBe('gone');
    expect(await stored()).toEqual(['one']);
  });

  test('is cancel for a job nobody wants any more, whose last lines are still taken', async () => {
    await cancelJob(ingest.store, ingest.jobKey);
    expect((await ingest.lines(0, ['last'])).body).toMatchObject({ verdict: 'cancel', nextOffset: 1 });
    expect(await stored()).toEqual(['last']);
  });

  test('is cancel once somebody asked for it', async () => {
    await changeWith(ingest.store, ingest.deployment.id, () => ({
      cancelRequested: { at: '2025-01-15T12:00:00.000Z', by: 'ada' },
    }));
    expect((await ingest.post('beats', {})).body.verdict).toBe('cancel');
  });
});

test('a replica of the database that lags sends no job away that was known before', async () => {
  const { client, clock } = ingest.store;
  await ingest.lines(0, ['first']);
  clock.advance(11_000);
  const send = client.send.bind(client);
  const asked: object[] = [];
  vi.spyOn(client, 'send').mockImplementation(async (command: object) => {
    const lags = command instanceof QueryCommand && command.input.ConsistentRead !== true;
    if (lags) asked.push(command);
    // A command is handed on as it came.
    return lags ? { Items: [] } : send(command as never);
  });
  const { status, body } = await ingest.lines(1, ['second']);
  expect([status, body.verdict, body.nextOffset]).toEqual([200, 'go-on', 2]);
  expect(asked.length).toBeGreaterThan(0);
});

describe('signs of life', () => {
  test('are the lines themselves: no beat is written while they come, however many posts do', async () => {
    const { store, jobKey } = ingest;
    const start = store.clock.now();
    for (let i = 0; i < 6; i += 1) {
      store.clock.set(start + i * 3000);
      await ingest.lines(i, [`${i}`]);
    }
    expect(await lastBeat(store, jobKey)).toBeUndefined();
    expect(await lastHeard(store, jobKey, start)).toBe(start + 15_999);
  });

  test('of one that is silent or repeats itself are written at most every fifteen seconds', async () => {
    const { store, jobKey } = ingest;
    const start = store.clock.now();
    await ingest.lines(0, ['first']);
    for (let i = 1; i <= 6; i += 1) {
      store.clock.set(start + i * 3000);
      await ingest.lines(0, ['first']);
    }
    // The fifth repeat came after 15 s.
    expect(await lastBeat(store, jobKey)).toBe(start + 15_000);
    store.clock.set(start + 29_999);
    await ingest.post('beats', {});
    expect(await lastBeat(store, jobKey)).toBe(start + 15_000);
    store.clock.set(start + 30_000);
    await ingest.post('beats', {});
    expect(await lastBeat(store, jobKey)).toBe(start + 30_000);
  });

  test('a runner that enters a step moves the deployment, once', async () => {
    await ingest.lines(0, ['$ npm ci'], 'install');
    const { revision, progress, currentStep } = await requireDeployment(ingest.store, ingest.deployment.id);
    expect({ progress, currentStep }).toEqual({ progress: 20, currentStep: 'install' });
    await ingest.lines(0, ['$ npm ci'], 'install');
    await ingest.lines(1, ['more']);
    expect((await getDeployment(ingest.store, ingest.deployment.id))?.revision).toBe(revision);
  });
});

describe('viewers', () => {
  test('get each line right after it was stored, and the runner flushes for them', async () => {
    await watch('a');
    await watch('b');
    expect((await ingest.lines(0, ['one', 'two'])).body.flushMs).toBe(250);
    for (const viewer of ['a', 'b']) {
      const [frame] = ingest.sockets.frames(viewer);
      expect(frame).toMatchObject({
        type: 'log',
        topic: `deployment:${ingest.deployment.id}`,
        seq: 1,
        data: {
          first: 1,
          last: 2,
          lines: [
            { n: 1, message: 'one' },
            { n: 2, message: 'two' },
          ],
        },
      });
    }
  });

  test('cost one write a flush, however many lines it has and however many watch', async () => {
    const sent = vi.spyOn(ingest.store.client, 'send');
    const writes = async (offset: number, count: number) => {
      const before = sent.mock.calls.length;
      await ingest.lines(
        offset,
        Array.from({ length: count }, (_, i) => `line ${offset + i}`),
      );
      const made = sent.mock.calls.slice(before).map(([command]) => command.constructor.name);
      return made.filter((name) => name !== 'QueryCommand' && name !== 'GetItemCommand');
    };
    await ingest.lines(0, ['first']);
    await watch('a');
    expect(await writes(1, 1)).toEqual(['PutItemCommand']);
    for (let n = 0; n < 60; n += 1) await watch(`crowd-${n}`);
    expect(await writes(2, 1500)).toEqual(['PutItemCommand']);
    expect(ingest.fanOut.messages.length).toBeGreaterThan(0);
  });

  test('that are gone are forgotten on the first post, and no other viewer loses by it', async () => {
    await watch('dead');
    await watch('alive');
    ingest.sockets.deliver((connection) => (connection === 'dead' ? 'gone' : 'sent'));
    await ingest.lines(0, ['one']);
    await ingest.lines(1, ['two']);
    expect(linesOf(ingest.sockets.frames('alive')).map((line) => line.n)).toEqual([1, 2]);
    expect(ingest.sockets.posts).toBe(3);
  });

  test('see only what passes their filter, and learn which lines a frame speaks for', async () => {
    await watch('quiet', { level: 'error' });
    await ingest.lines(0, ['one', 'two']);
    expect(ingest.sockets.frames('quiet')).toMatchObject([{ data: { first: 1, last: 2, lines: [] } }]);
  });

  test('get a repeated batch again: its first push may have been lost', async () => {
    await watch('a');
    ingest.sockets.deliver(() => 'lost');
    await ingest.lines(0, ['one']);
    ingest.sockets.deliver(() => 'sent');
    await ingest.elsewhere().lines(0, ['one']);
    expect(linesOf(ingest.sockets.frames('a')).map((line) => line.n)).toEqual([1]);
  });

  test('that cannot be reached never fail a post', async () => {
    await watch('a');
    ingest.sockets.deliver(() => 'failed');
    expect((await ingest.lines(0, ['one'])).status).toBe(200);
  });

  test('get frames of at most 32 KB, and a line that is longer whole and alone', async () => {
    await watch('a');
    const long = 'y'.repeat(60_000);
    await ingest.lines(0, [...Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(2000)}`), long, 'end']);
    const frames = ingest.sockets.frames('a');
    const sizes = frames.map((frame) => Buffer.byteLength(JSON.stringify(frame)));
    expect(sizes.filter((size) => size > 32 * 1024)).toHaveLength(1);
    expect(linesOf(frames).map((line) => line.n)).toEqual(Array.from({ length: 52 }, (_, i) => i + 1));
    const covered = frames.flatMap((frame) =>
      frame.type === 'log' ? [[frame.data.first, frame.data.last]] : [],
    );
    for (const [i, [first]] of covered.entries()) expect(first).toBe((covered[i - 1]?.[1] ?? 0) + 1);
    expect(covered.at(-1)?.[1]).toBe(52);
  });
});

describe('a log stream that fails', () => {
  const systemLines = async () =>
    (await allLines(ingest.store, ingest.deployment.id)).filter(({ source }) => source === 'system');

  test('because lines cannot be stored says so in the log, and the runner sends them again', async () => {
    await ingest.lines(0, ['one']);
    const refusal = Object.assign(new Error('too large'), { name: 'ValidationException' });
    vi.spyOn(ingest.store.client, 'send').mockImplementationOnce(() => Promise.reject(refusal));
    expect((await ingest.lines(1, ['two'])).status).toBe(500);
    expect((await ingest.lines(1, ['two'])).status).toBe(200);
    expect(await systemLines()).toMatchObject([
      {
        level: 'error',
        step: 'log',
        message: expect.stringMatching(/^Log streaming failed: .*ValidationException/),
      },
    ]);
    expect((await stored()).filter((text) => !text.startsWith('Log streaming'))).toEqual(['one', 'two']);
  });

  test('because viewers cannot be told says so once, until it works again', async () => {
    await watch('a');
    const post = vi.spyOn(ingest.sockets, 'post');
    const down = () => Promise.reject(new TypeError('no endpoint'));
    post.mockImplementation(down);
    await ingest.lines(0, ['one']);
    await ingest.lines(1, ['two']);
    post.mockRestore();
    await ingest.lines(2, ['three']);
    vi.spyOn(ingest.sockets, 'post').mockImplementation(down);
    await ingest.lines(3, ['four']);
    expect(await stored()).toEqual([
      'one',
      expect.stringContaining('could not be shown to viewers (TypeError)'),
      'two',
      'three',
      'four',
      expect.stringContaining('could not be shown to viewers'),
    ]);
  });

  test('is not what a batch is that leaves a gap, or comes behind the end', async () => {
    await ingest.lines(5, ['too early']);
    await endLog(ingest.store, ingest.deployment.id);
    await ingest.lines(0, ['too late']);
    expect(await systemLines()).toEqual([]);
  });
});
