/** Lines gather this long when nobody watches, and when somebody does (ms). */
const UNWATCHED_MS = 5000;
const WATCHED_MS = 250;
/** Above so many viewers the pace follows what the account may post to sockets in a second, and workers post. */
export const MANY_VIEWERS = 50;
/** Cap of the posts to sockets that workers make in a second, all of them together: APIs of an account share a quota. */
export const POSTS_A_SECOND = 2000;
/** The pace leaves the workers this much more time than they need for one frame. */
const ROOM = 1.25;

/** How long a producer may gather lines before it flushes (ms), for so many viewers. */
export function flushMs(viewers: number): number {
  if (viewers === 0) return UNWATCHED_MS;
  if (viewers <= MANY_VIEWERS) return WATCHED_MS;
  return Math.max(2000, Math.round((ROOM * 1000 * viewers) / POSTS_A_SECOND));
}
