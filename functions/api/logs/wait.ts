import type { StoreContext } from '../../../shared/store/context.ts';
import { type LogQuery, type LogRead, type ReadOptions, readLines } from '../../../shared/store/log-read.ts';

/** A waiting request looks this often (ms): one query of the tail. */
const LOOK_EVERY_MS = 500;

export interface Patience extends ReadOptions {
  /** How long to wait for a line that passes, where none is there yet. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Reads, and where nothing passes yet and more may come, waits for it. Reading goes on where the last look ended. */
export async function readOrWait(
  ctx: StoreContext,
  deploymentId: string,
  query: LogQuery,
  { seconds, signal, ...options }: Patience,
): Promise<LogRead> {
  const until = ctx.clock.now() + seconds * 1000;
  let place = query.place;
  for (;;) {
    const read = await readLines(ctx, deploymentId, { ...query, place }, options);
    const complete = read.end !== undefined && read.through >= read.end.lines;
    const left = until - ctx.clock.now();
    if (read.lines.length > 0 || complete || left <= 0 || signal.aborted || 'before' in place) return read;
    place = { after: read.through };
    await ctx.clock.sleep(Math.min(LOOK_EVERY_MS, left));
  }
}
