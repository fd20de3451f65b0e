/** Largest frame, both ways (API Gateway's limit per frame); only a single line that is longer goes beyond it. */
export const MAX_FRAME_BYTES = 32 * 1024;
/** Largest message that can be posted to a socket at all. */
export const MAX_POST_BYTES = 128 * 1024;
