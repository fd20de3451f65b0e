import { isDeepStrictEqual } from 'node:util';
import type { LogLine } from '../domain/log.ts';
import { recordWithoutLines, withoutLinesIn } from '../domain/log-copies.ts';
import { isPurged, type LineRange } from '../domain/log-purge.ts';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import { revisionIs } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { requireDeployment } from './deployment-changes.ts';
import { deploymentUpdate } from './deployment-item.ts';
import { type Condition, getItem, putItem, queryPage, updateItem } from './engine.ts';
import { deploymentKey, logChunkKey } from './keys.ts';
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

/**
 * Takes copies of these lines out of what the deployment and its jobs say: the end of a build stands in its failure.
 * Copied lines go without being named, so this is of use with none as well.
 */
export async function forgetCopies(
  ctx: StoreContext,
  deploymentId: string,
  lines: readonly LogLine[],
): Promise<void> {
  const texts = lines.map((line) => line.message);
  await cleanRecord(ctx, deploymentId, texts);
  await cleanJobs(ctx, deploymentId, texts);
}

async function cleanRecord(ctx: StoreContext, id: string, texts: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await requireDeployment(ctx, id);
    const clean = recordWithoutLines(current, texts);
    if (isDeepStrictEqual(clean, current)) return;
    const now = ctx.clock.now();
    const next = { ...clean, updatedAt: isoTime(now), revision: current.revision + 1 };
    try {
      await updateItem(ctx, deploymentKey(id), deploymentUpdate(next, revisionIs(current.revision)));
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new PlatformUnavailable(`Deployment ${id} is being changed by too many at once.`);
}

async function cleanJobs(ctx: StoreContext, id: string, texts: readonly string[]): Promise<void> {
  const { items } = await queryPage(ctx, {
    where: {
      expression: 'pk = :pk AND begins_with(sk, :jobs)',
      values: { ':pk': deploymentKey(id).pk, ':jobs': 'JOB#' },
    },
    consistent: true,
  });
  for (const item of items) {
    const { pk, sk, result } = item;
    const clean = withoutLinesIn(result, texts);
    if (isDeepStrictEqual(clean, result)) continue;
    // A result is written once; nobody but another purge changes it, and that does the same.
    await updateItem(
      ctx,
      { pk: String(pk), sk: String(sk) },
      {
        update: 'SET #result = :clean',
        expression: '#result = :result',
        names: { '#result': 'result' },
        values: { ':clean': clean, ':result': result },
      },
    ).catch((error: unknown) => {
      if (!(error instanceof ConditionFailed)) throw error;
    });
  }
}
