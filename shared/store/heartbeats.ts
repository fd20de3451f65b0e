import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { getItem, updateItem } from './engine.ts';
import { deploymentOfJob, heartbeatKey, producerOf } from './keys.ts';
import { lastLinesAt } from './log-ends.ts';

/** Kept longer than any job may run, so that a missing item always means: never heard of. */
const KEEP_SECONDS = 24 * 60 * 60;

/**
 * Says that a job's runner was heard of now. One write; an older beat never replaces a newer one. Lines that were put
 * into the log say as much by themselves.
 */
export async function beat(ctx: StoreContext, jobKey: string): Promise<void> {
  const now = ctx.clock.now();
  try {
    await updateItem(
      ctx,
      heartbeatKey(jobKey),
      {
        expression: 'attribute_not_exists(heardAt) OR heardAt < :now',
        update: 'SET heardAt = :now, expiresAt = :expiresAt, kind = :kind, v = :v',
        values: {
          ':now': now,
          ':expiresAt': Math.floor(now / 1000) + KEEP_SECONDS,
          ':kind': 'beat',
          ':v': 1,
        },
      },
      'live',
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Was the job's runner heard of after that moment (ms): were lines of it written, or a beat? Strongly read. */
export async function wasHeard(ctx: StoreContext, jobKey: string, since: number): Promise<boolean> {
  const wroteAt = await lastLinesOf(ctx, jobKey, since);
  return (wroteAt !== undefined && wroteAt > since) || ((await lastBeat(ctx, jobKey)) ?? 0) > since;
}

/**
 * When the job's runner was last heard of (ms). Strongly read; exact where that was after `since`, undefined where
 * nothing is known of it.
 */
export async function lastHeard(
  ctx: StoreContext,
  jobKey: string,
  since: number,
): Promise<number | undefined> {
  const signs = await Promise.all([lastLinesOf(ctx, jobKey, since), lastBeat(ctx, jobKey)]);
  const known = signs.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

const lastLinesOf = (ctx: StoreContext, jobKey: string, since: number) =>
  lastLinesAt(ctx, deploymentOfJob(jobKey), producerOf(jobKey), since);

/** When the job's last beat was written (ms), strongly read; undefined: none since its claim. */
export async function lastBeat(ctx: StoreContext, jobKey: string): Promise<number | undefined> {
  const item = await getItem(ctx, heartbeatKey(jobKey), { table: 'live' });
  const heardAt = item?.['heardAt'];
  return typeof heardAt === 'number' ? heardAt : undefined;
}
