import type { LogLine } from '../domain/log.ts';
import { isPurged, type LineRange } from '../domain/log-purge.ts';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { type Condition, getItem, putItem, queryPage } from './engine.ts';
import { logChunkKey } from './keys.ts';
import { fromChunkItem, type LogChunk, toChunkItem } from './log-chunk.ts';
import { encodeLines } from './log-columns.ts';
import { lastChunks } from './log-ends.ts';
import { withPurged } from './log-hash.ts';
import { chunkBefore } from './log-marks.ts';

/** Chunks read at a time. */
const PAGE = 20;
/** Another purge of the same lines may be under way; more tries than there can be of them. */
const ATTEMPTS = 100;

/**
 * Takes the text of these lines out of every chunk that the database still has. Safe to repeat, also while the log
 * grows: what is appended comes behind, and only what a chunk says of its lines, never its place, is rewritten.
 *
 * @param first called with the lines of a chunk before it forgets them, so that copies of them can be found
 */
export async function purgeChunks(
  ctx: StoreContext,
  deploymentId: string,
  ranges: readonly LineRange[],
  first: (lines: readonly LogLine[]) => Promise<void>,
): Promise<void> {
  const [last] = await lastChunks(ctx, deploymentId, 1);
  if (last === undefined || ranges.length === 0) return;
  const [from, to] = [
    Math.min(...ranges.map((range) => range.from)),
    Math.max(...ranges.map((range) => range.to)),
  ];
  for (let next = chunkBefore(last.marks, from); next <= last.chunk; ) {
    const chunks = await chunksFrom(ctx, deploymentId, next);
    for (const chunk of chunks) {
      if (chunk.first > to) return;
      if (chunk.first + chunk.count > from) await purgeChunk(ctx, deploymentId, chunk, ranges, first);
    }
    const end = chunks.at(-1);
    if (end === undefined) return;
    next = end.chunk + 1;
  }
}

async function purgeChunk(
  ctx: StoreContext,
  deploymentId: string,
  found: LogChunk,
  ranges: readonly LineRange[],
  first: (lines: readonly LogLine[]) => Promise<void>,
): Promise<void> {
  let chunk: LogChunk | undefined = found;
  for (let attempt = 0; attempt < ATTEMPTS && chunk !== undefined; attempt += 1) {
    const before = chunk.read();
    const leaving = before.filter((line) => line.digest === undefined && isPurged(ranges, line.n));
    if (leaving.length === 0) return;
    await first(leaving);
    const lines = withPurged(before, ranges);
    const { by, taken, expiresAt } = chunk;
    const item = toChunkItem(deploymentId, chunk, { by, taken, lines, data: encodeLines(lines), expiresAt });
    try {
      return await putItem(ctx, item, linesAre(chunk.data), 'live');
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      chunk = await chunkAt(ctx, deploymentId, chunk.chunk);
    }
  }
  // Gone meanwhile, by its age: so is the text.
  if (chunk === undefined) return;
  throw new PlatformUnavailable(`Chunk ${found.chunk} of the log of ${deploymentId} keeps being rewritten.`);
}

/** Whichever shape it has: the attribute is called so in one of them. */
const linesAre = (data: Uint8Array): Condition => ({
  expression: '#l = :data OR #lines = :data',
  names: { '#l': 'l', '#lines': 'lines' },
  values: { ':data': data },
});

async function chunksFrom(ctx: StoreContext, deploymentId: string, from: number): Promise<LogChunk[]> {
  const { pk, sk } = logChunkKey(deploymentId, from);
  const page = await queryPage(ctx, {
    table: 'live',
    where: { expression: 'pk = :pk AND sk >= :sk', values: { ':pk': pk, ':sk': sk } },
    limit: PAGE,
    consistent: true,
  });
  return page.items.map(fromChunkItem);
}

async function chunkAt(
  ctx: StoreContext,
  deploymentId: string,
  chunk: number,
): Promise<LogChunk | undefined> {
  const item = await getItem(ctx, logChunkKey(deploymentId, chunk), { table: 'live' });
  return item === undefined ? undefined : fromChunkItem(item);
}
