/** Lines gather this long when nobody watches, and when somebody does (ms). */
const UNWATCHED_MS = 5000;
const WATCHED_MS = 250;
/** Above so many viewers the pace follows what the account may post to sockets in a second. */
const MANY_VIEWERS = 50;
const POSTS_A_SECOND = 2000;

/** How long a producer may gather lines before it flushes (ms), for so many viewers. */
export function flushMs(viewers: number): number {
  if (viewers === 0) return UNWATCHED_MS;
  return viewers <= MANY_VIEWERS ? WATCHED_MS : Math.max(2000, (1250 * viewers) / POSTS_A_SECOND);
}
