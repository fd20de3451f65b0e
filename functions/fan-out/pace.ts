import type { Clock } from '../../shared/platform/clock.ts';

/** So many turns may be made up for after the process stood still. */
const SLACK = 2;

/** A turn is given so often a second, in the order in which it is asked for. */
export function pacer(clock: Clock, perSecond: number): () => Promise<void> {
  const gap = 1000 / perSecond;
  let next = 0;
  return async () => {
    const now = clock.now();
    const at = Math.max(next, now - SLACK * gap);
    next = at + gap;
    if (at > now) await clock.sleep(at - now);
  };
}
