import type { Clock } from '../../shared/platform/clock.ts';

/** So many turns may be made up for after a timer came late: a small function does not have a whole processor. */
const SLACK = 20;
/** No second has more turns than it may, and a little, since clocks and timers are not that exact (ms). */
const SECOND_MS = 1010;
/** Turns are spread over so much of a second (ms); in the rest it is made up for what was late. */
const SPREAD_MS = 900;

/** Turns are given in the order in which they are asked for, never many at once, and in no second more than `most`. */
export function pacer(clock: Clock, most: number): () => Promise<void> {
  const gap = SPREAD_MS / most;
  let last = clock.now();
  /** When the turns of about the last second were given. */
  const given: number[] = [];
  const next = async () => {
    const oldest = given.length < most ? undefined : given.shift();
    const due = Math.max(last + gap, (oldest ?? Number.NEGATIVE_INFINITY) + SECOND_MS);
    const early = due - clock.now();
    if (early > 0) await clock.sleep(early);
    const now = clock.now();
    last = Math.max(due, now - SLACK * gap);
    given.push(now);
  };
  let turns = Promise.resolve();
  return () => {
    turns = turns.then(next);
    return turns;
  };
}
