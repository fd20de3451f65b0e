import type { LineRange } from '../domain/log-purge.ts';
import { ArchiveGone } from '../errors/logs.ts';
import type { StoreContext } from './context.ts';
import { ChainBroken, ChainSegments } from './log-chain-segments.ts';
import { type LogQuery, type LogRead, type LogSegments, readSegments } from './log-segments.ts';

export type { LogPlace, LogQuery, LogRead } from './log-segments.ts';

/** Where lines are found that the database has let expire. */
export interface LogArchive {
  /** Undefined where this log was never archived. */
  open(deploymentId: string): Promise<LogSegments | undefined>;
}

/** Archives that one read begins with: several purges at once are carried out as one. */
const ARCHIVES = 3;

export interface ReadOptions {
  /** Present for a log that is closed: it has its end marker, in the database or here. */
  readonly archive?: LogArchive | undefined;
  /** True where the log ended so long ago that the database may have let any part of it expire. */
  readonly preferArchive?: boolean | undefined;
  /** Lines whose text is to be nowhere: they are shown without it, whatever is still stored. */
  readonly purged?: readonly LineRange[] | undefined;
}

/**
 * Reads lines of a log, strongly. From the beginning it takes one query, from anywhere else at most two: the tail,
 * and the place that its marks lead to. A filter passes over chunks by their heads: only the lines of those that may hold
 * what is wanted are fetched, and a search looks into all of them. What the database has
 * let expire, wholly or in part, comes from the archive.
 *
 * @throws LogDamaged where the chain has a hole and there is no archive
 */
export async function readLines(
  ctx: StoreContext,
  deploymentId: string,
  query: LogQuery,
  options: ReadOptions = {},
): Promise<LogRead> {
  const fromArchive = () => readArchive(deploymentId, query, options);
  const early = options.preferArchive === true ? await fromArchive() : undefined;
  if (early !== undefined) return early;
  const chain = new ChainSegments(ctx, deploymentId, query);
  try {
    const read = await readSegments(chain, query, options.purged);
    if (!chain.empty && !(chain.unfinished && options.archive !== undefined)) return read;
    // A closed log without its end marker has lost it, whatever is still there of it.
    return (await fromArchive()) ?? read;
  } catch (error) {
    if (!(error instanceof ChainBroken)) throw error;
    const archived = await fromArchive();
    if (archived === undefined) throw error;
    return archived;
  }
}

/** A purge removes an archive once another stands in its place: what was begun in the one is read in the other. */
async function readArchive(
  deploymentId: string,
  query: LogQuery,
  { archive, purged }: ReadOptions,
): Promise<LogRead | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const archived = await archive?.open(deploymentId);
    if (archived === undefined) return undefined;
    try {
      return await readSegments(archived, query, purged);
    } catch (error) {
      if (!(error instanceof ArchiveGone) || attempt >= ARCHIVES) throw error;
    }
  }
}
