import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { getItem, updateItem } from './engine.ts';
import { heartbeatKey } from './keys.ts';

/** Kept longer than any job may run, so that a missing item always means: never heard of. */
const KEEP_SECONDS = 24 * 60 * 60;

/** Says that a job's runner was heard of now. One write; an older beat never replaces a newer one. */
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

/** When the job's runner was last heard of (ms), strongly read; undefined: not since its claim. */
export async function lastBeat(ctx: StoreContext, jobKey: string): Promise<number | undefined> {
  const item = await getItem(ctx, heartbeatKey(jobKey), { table: 'live' });
  const heardAt = item?.['heardAt'];
  return typeof heardAt === 'number' ? heardAt : undefined;
}

/**
 * Beats at most once per `everyMs` and job, for callers that hear of a job with every batch of lines:
 * a busy build would else pay a write per flush. What it skips is covered by its own write just before.
 */
export function sparingBeats(everyMs: number) {
  const written = new Map<string, number>();
  return async (ctx: StoreContext, jobKey: string): Promise<void> => {
    const now = ctx.clock.now();
    if (now - (written.get(jobKey) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    await beat(ctx, jobKey);
    for (const [key, at] of written) if (now - at >= everyMs) written.delete(key);
    written.set(jobKey, now);
  };
}
