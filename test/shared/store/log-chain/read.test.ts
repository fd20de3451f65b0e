import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NewLine } from '../../../../shared/domain/log.ts';
import { LogDamaged } from '../../../../shared/errors/logs.ts';
import { archiveLog } from '../../../../shared/store/log-archive.ts';
import { archiveKey } from '../../../../shared/store/log-archive-keys.ts';
import { logArchive } from '../../../../shared/store/log-archive-read.ts';
import { appendLines, endLog } from '../../../../shared/store/log-chain.ts';
import { type LogQuery, readLines } from '../../../../shared/store/log-read.ts';
import { LogTails } from '../../../../shared/store/log-tails.ts';
import { freshBucket } from '../../../support/bucket.ts';
import { freshStore, type TestStore } from '../../../support/store.ts';
import { allChunks, sabotaged } from './chain.ts';
import { DEPLOYMENT, messages, numbered } from './lines.ts';

const OTHER = 'dep_01JHN0000000000000000000BB';

/** Every tenth line is a warning, lines 300 to 319 are of the step `deploy`. */
function varied(from: number, to: number): NewLine[] {
  return numbered(from, to).map((line, i) => ({
    ...line,
    level: (from + i + 1) % 10 === 0 ? 'warn' : 'info',
    step: from + i >= 299 && from + i < 319 ? 'deploy' : 'build',
  }));
}

const LINES = 1500;
let store: TestStore;
let finished: TestStore;

async function fill(target: TestStore, deploymentId: string): Promise<void> {
  const tails = new LogTails();
  for (let at = 0; at < LINES; at += 5) {
    await appendLines(target, deploymentId, 'build', at, varied(at, at + 5), { tails });
  }
}

beforeAll(async () => {
  store = await freshStore();
  finished = await freshStore(store.clock);
  await Promise.all([fill(store, DEPLOYMENT), fill(finished, DEPLOYMENT)]);
  await endLog(finished, DEPLOYMENT);
});

/** Reads and counts the queries that it took. */
async function counted(target: TestStore, query: LogQuery, deploymentId = DEPLOYMENT) {
  let queries = 0;
  const watched = sabotaged(target, () => {
    queries += 1;
    return 'go-on';
  });
  return { ...(await readLines(watched, deploymentId, query)), queries };
}

const numbers = (lines: readonly { readonly n: number }[]) => lines.map((line) => line.n);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('whatever stands between its marks, reading backwards leaves out no line', async () => {
  const long = await freshStore();
  const tails = new LogTails();
  // What hardly packs: five pages of the database hold about a hundred of these lines.
  for (let at = 0; at < 200; at += 1) {
    const message = randomBytes(48_000).toString('base64');
    await appendLines(long, DEPLOYMENT, 'build', at, numbered(at, at + 1, message), { tails });
  }
  for (const start of [190, 120]) {
    const seen: number[] = [];
    for (let before = start; before > 1; ) {
      const read = await readLines(long, DEPLOYMENT, { place: { before }, limit: 150 });
      seen.push(...numbers(read.lines).toReversed());
      before = read.from;
    }
    expect(seen.toReversed()).toEqual(range(1, start - 1));
  }
});

describe('a log of 300 chunks', () => {
  test('its first page takes one query', async () => {
    const read = await counted(store, { place: { after: 0 }, limit: 40 });
    expect(numbers(read.lines)).toEqual(range(1, 40));
    expect(read).toMatchObject({ from: 1, through: 40, queries: 1 });
  });

  test('a page from anywhere takes two queries at most', async () => {
    for (const after of [7, 64, 400, 750, 1111, 1480, 1499]) {
      const read = await counted(store, { place: { after }, limit: 20 });
      expect(numbers(read.lines)).toEqual(range(after + 1, Math.min(after + 20, LINES)));
      expect(read.queries).toBeLessThanOrEqual(2);
    }
  });

  test('its end takes one query, the lines before a line two at most', async () => {
    const tail = await counted(store, { place: { tail: true }, limit: 8 });
    expect(numbers(tail.lines)).toEqual(range(1493, 1500));
    expect(tail).toMatchObject({ from: 1493, through: 1500, queries: 1 });
    for (const before of [1490, 800, 12]) {
      const read = await counted(store, { place: { before }, limit: 10 });
      expect(numbers(read.lines)).toEqual(range(before - 10, before - 1));
      expect(read.queries).toBeLessThanOrEqual(2);
    }
    expect((await counted(store, { place: { before: 4 }, limit: 10 })).from).toBe(1);
  });

  test('pages in either direction from any place give each line once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: LINES }),
        fc.integer({ min: 100, max: 700 }),
        async (start, limit) => {
          const forward: number[] = [];
          for (let after = start; ; ) {
            const read = await readLines(store, DEPLOYMENT, { place: { after }, limit });
            forward.push(...numbers(read.lines));
            if (read.lines.length === 0) break;
            after = read.through;
          }
          expect(forward).toEqual(range(start + 1, LINES));
          const backward: number[] = [];
          for (let before = start + 1; before > 1; ) {
            const read = await readLines(store, DEPLOYMENT, { place: { before }, limit });
            backward.unshift(...numbers(read.lines));
            before = read.from;
          }
          expect(backward).toEqual(range(1, start));
        },
      ),
      { numRuns: 4 },
    );
  });

  test('filters let through what they name; a search ignores case and colours', async () => {
    const all = { place: { after: 0 }, limit: LINES } as const;
    const warnings = await readLines(store, DEPLOYMENT, { ...all, filter: { level: 'warn' } });
    expect(numbers(warnings.lines)).toEqual(range(1, 150).map((i) => i * 10));
    expect(warnings.through).toBe(LINES);
    const step = await readLines(store, DEPLOYMENT, { ...all, filter: { step: 'deploy' } });
    expect(numbers(step.lines)).toEqual(range(300, 319));
    const last = await readLines(store, DEPLOYMENT, {
      place: { tail: true },
      limit: 2,
      filter: { step: 'deploy' },
    });
    expect(numbers(last.lines)).toEqual([318, 319]);
    const found = await readLines(store, DEPLOYMENT, { ...all, filter: { search: 'BUILD 777' } });
    expect(messages(found.lines)).toEqual(['build 777']);
    const since = await readLines(store, DEPLOYMENT, {
      ...all,
      filter: { since: numbered(1490, 1491)[0]?.at ?? 0 },
    });
    expect(numbers(since.lines)).toEqual(range(1491, 1500));
  });

  test('a filter passes over heads: lines are fetched only of chunks that may hold what is wanted', async () => {
    const fetched = async (query: LogQuery) => {
      const calls: string[] = [];
      const watched = sabotaged(store, (command) => {
        calls.push(command);
        return 'go-on';
      });
      const { lines } = await readLines(watched, DEPLOYMENT, query);
      return { lines: lines.length, chunks: calls.filter((call) => call === 'GetItemCommand').length };
    };
    const all = { place: { after: 0 }, limit: LINES } as const;
    expect(await fetched({ ...all, filter: { level: 'error' } })).toEqual({ lines: 0, chunks: 0 });
    // Twenty lines, five a chunk; a group of chunks is fetched together.
    expect(await fetched({ ...all, filter: { step: 'deploy' } })).toEqual({ lines: 20, chunks: 5 });
    expect(await fetched({ ...all, filter: { step: 'deploy', search: 'nowhere' } })).toMatchObject({
      lines: 0,
    });
    expect(await fetched({ ...all, limit: 3, filter: { level: 'warn' } })).toEqual({ lines: 3, chunks: 10 });
  });

  test('what is asked for beyond the end is nothing, and reading goes on from there', async () => {
    const read = await counted(store, { place: { after: 5000 }, limit: 10 });
    expect(read).toMatchObject({ lines: [], through: 5000 });
    expect(read.end).toBeUndefined();
  });

  test('a finished log says so wherever its end is seen', async () => {
    for (const place of [{ tail: true }, { after: 1480 }, { before: 1501 }, { after: 700 }] as const) {
      const read = await readLines(finished, DEPLOYMENT, { place, limit: 30 });
      expect(read.end).toMatchObject({ lines: LINES, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
  });

  test('a log that nobody wrote is empty', async () => {
    expect(await readLines(store, OTHER, { place: { after: 0 }, limit: 10 })).toEqual({
      lines: [],
      from: 1,
      through: 0,
    });
  });
});

describe('the archive', () => {
  const archived = async () => {
    const { objects } = await freshBucket();
    return { objects, archive: logArchive(objects) };
  };

  test('is whole NDJSON, and writing it again changes nothing', async () => {
    const { objects } = await archived();
    const end = await archiveLog(finished, objects, DEPLOYMENT);
    const first = await objects.read(archiveKey(DEPLOYMENT));
    expect(await archiveLog(finished, objects, DEPLOYMENT)).toEqual(end);
    expect(await objects.read(archiveKey(DEPLOYMENT))).toEqual(first);
    const lines = gunzipSync(first ?? Buffer.alloc(0))
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(range(1, LINES));
  });

  test('of a log without end marker is refused', async () => {
    const { objects } = await archived();
    await expect(archiveLog(store, objects, DEPLOYMENT)).rejects.toThrow('no end marker');
    expect(await objects.read(archiveKey(DEPLOYMENT))).toBeUndefined();
  });

  test('answers every read as the chain did, once the chain has expired in any part', async () => {
    const { objects, archive } = await archived();
    await archiveLog(finished, objects, DEPLOYMENT);
    const queries: LogQuery[] = [
      { place: { after: 0 }, limit: 100 },
      { place: { after: 990 }, limit: 30 },
      { place: { after: 1490 }, limit: 30 },
      { place: { before: 1003 }, limit: 7 },
      { place: { tail: true }, limit: 5 },
      { place: { after: 0 }, limit: 50, filter: { step: 'deploy' } },
    ];
    const before = await Promise.all(queries.map((query) => readLines(finished, DEPLOYMENT, query)));
    const past = {
      ...finished,
      clock: { ...finished.clock, now: () => finished.clock.now() + 31 * 86_400_000 },
    };
    for (const [i, query] of queries.entries()) {
      const { lines, through } = await readLines(past, DEPLOYMENT, query, { archive });
      expect(lines).toEqual(before[i]?.lines);
      expect(through).toBe(before[i]?.through);
    }
    const early = await readLines(
      finished,
      DEPLOYMENT,
      { place: { after: 0 }, limit: 5 },
      { archive, preferArchive: true },
    );
    expect(early.end?.lines).toBe(LINES);
  });

  test('is not written for lines that are not those of the end marker', async () => {
    const { objects } = await archived();
    const tampered = await freshStore();
    await appendLines(tampered, DEPLOYMENT, 'build', 0, numbered(0, 3));
    await endLog(tampered, DEPLOYMENT);
    const [chunk] = await allChunks(tampered);
    await appendLines(tampered, OTHER, 'build', 0, numbered(0, 3, 'other'));
    const other = await tampered.client.send(
      new GetItemCommand({
        TableName: tampered.liveTable,
        Key: { pk: { S: `LOG#${OTHER}` }, sk: { S: 'C#00000001' } },
      }),
    );
    const lines = other.Item?.['l'];
    if (chunk === undefined || lines === undefined) throw new Error('the chunk is not there');
    await tampered.client.send(
      new UpdateItemCommand({
        TableName: tampered.liveTable,
        Key: { pk: { S: `LOG#${DEPLOYMENT}` }, sk: { S: 'C#00000001' } },
        UpdateExpression: 'SET #lines = :lines',
        ExpressionAttributeNames: { '#lines': 'l' },
        ExpressionAttributeValues: { ':lines': lines },
      }),
    );
    await expect(archiveLog(tampered, objects, DEPLOYMENT)).rejects.toThrow(LogDamaged);
    expect(await objects.read(archiveKey(DEPLOYMENT))).toBeUndefined();
  });
});
