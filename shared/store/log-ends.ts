import { type LogLimits, logDays } from '../domain/log-limits.ts';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import { type Item, putItem, queryPage } from './engine.ts';
import { logChunkKey } from './keys.ts';
import {
  EMPTY_TAIL,
  fromChunkItem,
  fromHeadItem,
  HEAD_ATTRIBUTES,
  type LogChunk,
  type LogHead,
  type LogTail,
} from './log-chunk.ts';
import type { LogTails } from './log-tails.ts';

/** Races that one write may lose before it gives up; each loss means that somebody else's chunk went in. */
export const MOST_RACES = 100;

export interface AppendOptions {
  /** Tails of this process; without it every append begins with a read. */
  readonly tails?: LogTails | undefined;
  readonly limits?: LogLimits | undefined;
  /** For each line of the batch: how many lines more a private key may hide after it (shared/masking). */
  readonly keyLinesLeft?: readonly number[] | undefined;
  /** Lines that a long wait may follow: kept at least this many days, whatever the log says. */
  readonly atLeastDays?: number | undefined;
}

/** The end of the chain, strongly read. */
export async function readTail(ctx: StoreContext, deploymentId: string): Promise<LogTail> {
  const [last] = await lastChunks(ctx, deploymentId, 1);
  return last ?? EMPTY_TAIL;
}

/** The same for who is going to add to it: the first line fixes how long this log is kept. */
export async function tailToWriteAt(ctx: StoreContext, deploymentId: string): Promise<LogTail> {
  const tail = await readTail(ctx, deploymentId);
  if (tail.chunk > 0) return tail;
  const deployment = await getDeployment(ctx, deploymentId);
  return { ...tail, keptDays: logDays(deployment?.snapshot.retention) };
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

/** Chunks looked at from the end for those of one producer, at first and after that: mostly it wrote the last one. */
const LOOK_BACK = { first: 2, further: 20 } as const;

/**
 * When a producer last put lines into the log (ms, the end of that second), strongly read; undefined where that was
 * before `since`, or never.
 */
export async function lastLinesAt(
  ctx: StoreContext,
  deploymentId: string,
  producer: string,
  since: number,
): Promise<number | undefined> {
  for (let after: Item | undefined; ; ) {
    const page = await queryPage(ctx, {
      table: 'live',
      where: { expression: 'pk = :pk', values: { ':pk': logChunkKey(deploymentId, 0).pk } },
      only: HEAD_ATTRIBUTES,
      order: 'desc',
      limit: after === undefined ? LOOK_BACK.first : LOOK_BACK.further,
      consistent: true,
      after,
    });
    for (const head of page.items.map(fromHeadItem)) {
      const at = writtenAt(head);
      if (at < since) return undefined;
      if (head.by === producer) return at;
    }
    after = page.next;
    if (after === undefined) return undefined;
  }
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

/** Seconds since the epoch. */
export const expiry = (
  ctx: StoreContext,
  { keptDays }: Pick<LogTail, 'keptDays'>,
  { atLeastDays = 0 }: AppendOptions,
): number => Math.floor(ctx.clock.now() / 1000) + Math.max(keptDays, atLeastDays) * DAY_SECONDS;

/** The other way round: the end of the second in which it was put, or later where it is kept for longer than its log. */
const writtenAt = ({ expiresAt, keptDays }: Pick<LogHead, 'expiresAt' | 'keptDays'>): number =>
  (expiresAt - keptDays * DAY_SECONDS) * 1000 + 999;

const DAY_SECONDS = 24 * 3600;

export const tooManyRaces = (deploymentId: string) =>
  new PlatformUnavailable(`The log of ${deploymentId} is written by too many at once.`, {
    suggestion: 'Send the same batch again.',
    facts: { deploymentId },
  });
