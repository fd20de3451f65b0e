import type { Pace } from './pace.ts';

/**
 * What became of hearing in one way. `cut`: it worked, and ended. `brief`: it worked, for a moment. `failed`: it did
 * not. `crowded`: the service has no room for those who wait. `time`: it worked, and it is time to look for a better one.
 */
export type Outcome = 'cut' | 'brief' | 'failed' | 'crowded' | 'time';

/** Where a client stands between the ways of hearing, of which the first is the best and the last the surest. */
export interface Place {
  readonly way: number;
  /** Failures in a row, in this way. */
  readonly failures: number;
  /** How often the best way failed since it last worked. */
  readonly falls: number;
  /** When to try the best way again (ms). */
  readonly climbAt: number;
}

export const TOP: Place = { way: 0, failures: 0, falls: 0, climbAt: Number.POSITIVE_INFINITY };

/** A way that worked so often in a row, and each time for a moment only, does not work. */
const MOST_BRIEF = 3;

/** Where to go on, of `ways` ways. */
export function placeAfter(place: Place, outcome: Outcome, now: number, ways: number, pace: Pace): Place {
  const { way, failures, falls } = place;
  if (outcome === 'time') return { ...place, way: 0, failures: 0, climbAt: Number.POSITIVE_INFINITY };
  if (outcome === 'cut') return { ...place, failures: 0, falls: way === 0 ? 0 : falls };
  const stays = outcome === 'brief' && failures + 1 < MOST_BRIEF;
  if (stays || way === ways - 1) return { ...place, failures: failures + 1 };
  // All ways between the best and the surest wait, for the same places.
  if (way > 0) return { ...place, way: outcome === 'crowded' ? ways - 1 : way + 1, failures: 0 };
  const climbMs = Math.min(pace.mostClimbMs, pace.firstClimbMs * 2 ** falls);
  return { way: way + 1, failures: 0, falls: falls + 1, climbAt: now + climbMs };
}

/** How long to wait before going on from there (ms). Whoever was cut waits a little: everybody else was, too. */
export function pauseAt({ failures }: Place, outcome: Outcome, pace: Pace): number {
  if (failures > 0) return Math.min(pace.mostPauseMs, pace.firstPauseMs * 2 ** (failures - 1));
  return outcome === 'cut' ? pace.firstPauseMs : 0;
}
