import { LOG_KEPT_SECONDS, type LogLimits } from '../domain/log-limits.ts';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { type Item, putItem, queryPage } from './engine.ts';
import { logChunkKey } from './keys.ts';
import { EMPTY_TAIL, fromChunkItem, type LogChunk, type LogTail } from './log-chunk.ts';
import type { LogTails } from './log-tails.ts';

/** Races that one write may lose before it gives up; each loss means that somebody else's chunk went in. */
export const MOST_RACES = 100;

export interface AppendOptions {
  /** Tails of this process; without it every append begins with a read. */
  readonly tails?: LogTails | undefined;
  readonly limits?: LogLimits | undefined;
  readonly keepSeconds?: number | undefined;
  /** For each line of the batch: how many lines more a private key may hide after it (shared/masking). */
  readonly keyLinesLeft?: readonly number[] | undefined;
}

/** The end of the chain, strongly read. */
export async function readTail(ctx: StoreContext, deploymentId: string): Promise<LogTail> {
  const [last] = await lastChunks(ctx, deploymentId, 1);
  return last ?? EMPTY_TAIL;
}

/** The last chunks of the chain, newest first, the end marker among them; strongly read. */
export async function lastChunks(
  ctx: StoreContext,
  deploymentId: string,
  limit: number,
): Promise<LogChunk[]> {
  const page = await queryPage(ctx, {
    table: 'live',
    where: { expression: 'pk = :pk', values: { ':pk': logChunkKey(deploymentId, 0).pk } },
    order: 'desc',
    limit,
    consistent: true,
  });
  return page.items.map(fromChunkItem);
}

/** Puts a chunk where nothing may be yet. Answers with what stands there instead, if something does. */
export async function putNext(ctx: StoreContext, item: Item): Promise<LogChunk | undefined> {
  try {
    await putItem(ctx, item, MUST_NOT_EXIST, 'live');
    return undefined;
  } catch (error) {
    const there = error instanceof ConditionFailed ? error.items[0] : undefined;
    if (there === undefined) throw error;
    return fromChunkItem(there);
  }
}

export const expiry = (ctx: StoreContext, options: AppendOptions): number =>
  Math.floor(ctx.clock.now() / 1000) + (options.keepSeconds ?? LOG_KEPT_SECONDS);

export const tooManyRaces = (deploymentId: string) =>
  new PlatformUnavailable(`The log of ${deploymentId} is written by too many at once.`, {
    suggestion: 'Send the same batch again.',
    facts: { deploymentId },
  });
