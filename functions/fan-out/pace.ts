import type { Clock } from '../../shared/platform/clock.ts';

/** So many turns may be made up for after a timer came late: a small function does not have a whole processor. */
const SLACK = 20;

/** A turn is given so often a second, in the order in which it is asked for, and never many at once. */
export function pacer(clock: Clock, perSecond: number): () => Promise<void> {
  const gap = 1000 / perSecond;
  let last = clock.now();
  const next = async () => {
    const due = last + gap;
    const early = due - clock.now();
    if (early > 0) await clock.sleep(early);
    last = Math.max(due, clock.now() - SLACK * gap);
  };
  let turns = Promise.resolve();
  return () => {
    turns = turns.then(next);
    return turns;
  };
}
