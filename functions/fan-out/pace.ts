import type { Clock } from '../../shared/platform/clock.ts';

/** So many turns may be made up for after a timer came late: a small function does not have a whole processor. */
const SLACK = 9;

/**
 * Turns are given in the order in which they are asked for, never many at once, and in no second more than `most`: the
 * pace is as much below it as may be made up for.
 */
export function pacer(clock: Clock, most: number): () => Promise<void> {
  const gap = 1000 / (most - SLACK - 1);
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
