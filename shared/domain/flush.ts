/** Lines gather this long when nobody watches, and when somebody does (ms). */
const UNWATCHED_MS = 5000;
const WATCHED_MS = 250;
/** Above so many viewers the pace follows what the account may post to sockets in a second, and workers post. */
export const MANY_VIEWERS = 50;
/** Cap of the posts to sockets that workers make in a second, all of them together: APIs of an account share a quota. */
export const POSTS_A_SECOND = 2000;
/** The pace leaves the workers this much more time than they need for one frame. */
const ROOM = 1.25;

/** Lines may wait for a worker as long as so many frames of theirs take, and at least so long (ms). */
const FRESH_FRAMES = 2;
const LEAST_FRESH_MS = 10_000;

/**
 * How long workers may post lines to so many viewers (ms). Later ones are left to the viewers, who see the gap and read
 * it: where more is to be posted than the cap carries, what waits would else come ever later.
 */
export const freshMs = (viewers: number): number => Math.max(LEAST_FRESH_MS, FRESH_FRAMES * flushMs(viewers));

/** How long a producer may gather lines before it flushes (ms), for so many viewers. */
export function flushMs(viewers: number): number {
  if (viewers === 0) return UNWATCHED_MS;
  if (viewers <= MANY_VIEWERS) return WATCHED_MS;
  return Math.max(2000, Math.round((ROOM * 1000 * viewers) / POSTS_A_SECOND));
}
