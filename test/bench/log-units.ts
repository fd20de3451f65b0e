import { randomBytes } from 'node:crypto';
import { DynamoDBClient, type PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { NewLine } from '../../shared/domain/log.ts';
import { appendLines } from '../../shared/store/log-chain.ts';
import { LogTails } from '../../shared/store/log-tails.ts';
import { corpusLines, unwatchedFlushes } from '../support/corpus.ts';
import { itemBytes, writeUnits } from '../support/item-size.ts';
import { atMost, type Figure } from './figure.ts';
import { storeOn } from './store.ts';

/** Write units of the log chunks for recorded builds, as ingest would write them. */
export async function run(): Promise<Figure[]> {
  const build = corpusLines('npm-build.log');
  const verbose = corpusLines('npm-install-http.log');
  const unwatched = await priceOf(unwatchedFlushes(build));
  const hundreds = await meanPriceOf(inHundreds(build));
  const least = await priceOf(unwatchedFlushes(verbose));
  const noise = await priceOf(unwatchedFlushes(randomLines(3000)));
  return [
    atMost('units per 1,000 lines of an npm build, unwatched', unwatched.unitsPer1000, 12, 'units'),
    // The floor is 10, a unit a flush; lines full of names, hashes and sizes take two.
    atMost('units per 1,000 lines of an npm build, flushes of just 100', hundreds, 12, 'units'),
    atMost('bytes a line of an npm build, unwatched, all of the item', unwatched.bytesPerLine, 12, 'bytes'),
    atMost(
      'units per 1,000 lines of npm install --loglevel http, unwatched',
      least.unitsPer1000,
      24,
      'units',
    ),
    atMost('units per 1,000 lines of random text, unwatched', noise.unitsPer1000, 80, 'units'),
  ];
}

interface Price {
  readonly unitsPer1000: number;
  readonly bytesPerLine: number;
}

/** Appends the flushes and adds up the items; no engine is needed to know what they cost. */
async function priceOf(flushes: readonly (readonly NewLine[])[]): Promise<Price> {
  const client = new DynamoDBClient({ region: 'eu-central-1' });
  let units = 0;
  let bytes = 0;
  // Takes the place of the network: every put succeeds, and there is nothing yet to be found.
  client.middlewareStack.add(
    () => async (args) => {
      const input = args.input as ConstructorParameters<typeof PutItemCommand>[0];
      if (input.Item !== undefined) {
        units += writeUnits(input.Item);
        bytes += itemBytes(input.Item);
      }
      return { output: { $metadata: {} }, response: {} };
    },
    { step: 'initialize', priority: 'high' },
  );
  const store = storeOn(client, { records: 'records', live: 'live' });
  const tails = new LogTails();
  let offset = 0;
  // A few lines of the gate come before those of the build, under a producer of their own.
  await appendLines(store, DEPLOYMENT, 'gate.0', 0, [said('waiting for a runner')], { tails });
  [units, bytes] = [0, 0];
  for (const lines of flushes) {
    await appendLines(store, DEPLOYMENT, 'build.0', offset, lines, { tails });
    offset += lines.length;
  }
  return { unitsPer1000: (units / offset) * 1000, bytesPerLine: bytes / offset };
}

const DEPLOYMENT = 'dep_01JHN0000000000000000000AA';

const said = (message: string): NewLine => ({
  at: 1_736_942_400_000,
  level: 'info',
  step: 'gate',
  source: 'system',
  message,
});

/** The log cut into hundreds, from ten places on: what one cut happens to gain or lose is no figure. */
const inHundreds = (lines: readonly NewLine[]): NewLine[][][] =>
  Array.from({ length: 10 }, (_, shift) => {
    const rest = lines.slice(shift * 10);
    return Array.from({ length: Math.floor(rest.length / 100) }, (_, i) =>
      rest.slice(i * 100, (i + 1) * 100),
    );
  });

async function meanPriceOf(cuts: readonly NewLine[][][]): Promise<number> {
  const prices = await Promise.all(cuts.map(priceOf));
  return prices.reduce((sum, { unitsPer1000 }) => sum + unitsPer1000, 0) / prices.length;
}

/** 77 bytes of base64 a line: what does not compress. */
const randomLines = (count: number): NewLine[] =>
  Array.from({ length: count }, (_, i) => ({
    at: 1_736_942_400_000 + i,
    level: 'info',
    step: 'build',
    source: 'build',
    message: randomBytes(60).toString('base64').slice(0, 77),
  }));
