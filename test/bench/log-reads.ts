import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { LOCAL_AWS } from '../../local/emulator/settings.ts';
import { startEmulator } from '../../local/emulator/start.ts';
import { INSTALL } from '../../local/paths.ts';
import type { NewLine } from '../../shared/domain/log.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { appendLines } from '../../shared/store/log-chain.ts';
import { type LogQuery, readLines } from '../../shared/store/log-read.ts';
import { LogTails } from '../../shared/store/log-tails.ts';
import { corpusLines } from '../support/corpus.ts';
import { createTables, SERVICE_TABLES } from '../support/tables.ts';
import { atMost, type Figure } from './figure.ts';
import { storeOn } from './store.ts';

const LINES = 100_000;
const FLUSH = 500;
const MIDDLE = LINES / 2;
const DEPLOYMENT = 'dep_01JHN0000000000000000000AA';

/** What reads of a log of 100,000 lines of a build ask of the database, on a real engine. */
export async function run(): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const emulator = await startEmulator({ dir, install: INSTALL, keepState: false });
  try {
    const { store, counts } = await storeWithLog(emulator.endpoint);
    const read = async (query: LogQuery) => {
      Object.assign(counts, { calls: 0, lines: 0, bytes: 0 });
      const { lines } = await readLines(store, DEPLOYMENT, query);
      return { found: lines.length, ...counts };
    };
    const first = await read({ place: { after: 0 }, limit: 100 });
    const jumps = [
      await read({ place: { after: MIDDLE }, limit: 100 }),
      await read({ place: { before: MIDDLE }, limit: 100 }),
      await read({ place: { tail: true }, limit: 100 }),
    ];
    for (const page of [first, ...jumps])
      if (page.found !== 100) throw new Error(`A page has ${page.found} lines.`);
    const nothing = await read({ place: { after: 0 }, limit: 100, filter: { level: 'error' } });
    const all = await read({ place: { after: 0 }, limit: LINES, filter: { search: 'what no build prints' } });
    if (nothing.found + all.found > 0) throw new Error('A filter that nothing passes let something through.');
    return [
      atMost('queries for the first page of 100,000 lines', first.calls, 1, 'queries'),
      atMost(
        'queries for a jump to the middle or the end',
        Math.max(...jumps.map(({ calls }) => calls)),
        2,
        'queries',
      ),
      atMost('bytes of lines read for a filter that nothing passes', nothing.lines, 0, 'bytes'),
      atMost('bytes read for it / bytes of the log', nothing.bytes / all.bytes, 0.25, 'ratio'),
    ];
  } finally {
    await emulator.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

interface Counts {
  /** Calls of the database. */
  calls: number;
  /** Bytes of packed lines, and of everything that it answered with. */
  lines: number;
  bytes: number;
}

async function storeWithLog(endpoint: string): Promise<{ store: StoreContext; counts: Counts }> {
  const { accessKeyId, secretAccessKey, region } = LOCAL_AWS;
  const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const counts: Counts = { calls: 0, lines: 0, bytes: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { Items = [] } = result.output as Partial<QueryCommandOutput>;
      counts.calls += 1;
      counts.lines += Items.reduce((sum, item) => sum + (item['l']?.B?.length ?? 0), 0);
      counts.bytes += Items.reduce((sum, item) => sum + bytesOf(item), 0);
      return result;
    },
    { step: 'initialize' },
  );
  const store = storeOn(client, await createTables(client, SERVICE_TABLES));
  const tails = new LogTails();
  for (let at = 0; at < LINES; at += FLUSH)
    await appendLines(store, DEPLOYMENT, 'build.0', at, linesFrom(at), { tails });
  return { store, counts };
}

const build = corpusLines('npm-build.log');
/** The recorded build again and again. */
const linesFrom = (at: number): NewLine[] =>
  Array.from({ length: FLUSH }, (_, i) => build[(at + i) % build.length]).flatMap((line) => line ?? []);

const bytesOf = (item: Readonly<Record<string, AttributeValue>>) =>
  Object.values(item).reduce((sum, { B, S }) => sum + (B?.length ?? 0) + (S?.length ?? 0), 0);
