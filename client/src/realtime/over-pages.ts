import { jittered, now, pause } from '../time.ts';
import type { Hearing, Sign } from './hearing.ts';
import type { Ending } from './listen.ts';
import { nextPause, type Pace } from './pace.ts';

/**
 * Reads page after page: held back by the service until there is something, or, where it has no room for that, at
 * once, and then less and less often while nothing comes.
 */
export async function* overPages(
  hearing: Hearing,
  until: number,
  pace: Pace,
  waits: boolean,
): AsyncGenerator<Sign, Ending> {
  const { cursor } = hearing;
  const waitSeconds = hearing.wantsStatuses ? pace.shortWaitSeconds : pace.waitSeconds;
  for (let pauseMs = pace.firstPauseMs; ; ) {
    if (yield* hearing.isComplete()) return 'done';
    const before = cursor.at;
    yield* hearing.page(waits ? waitSeconds : 0);
    yield* hearing.currentStatus();
    if (now() >= until) return 'time';
    const isNews = cursor.at > before;
    pauseMs = isNews ? pace.firstPauseMs : nextPause(pauseMs, pace);
    // Behind a page there is the next; and a service that waits has done so already.
    if (!waits && !isNews && cursor.end === undefined) await pause(jittered(pauseMs), hearing.signal);
  }
}
