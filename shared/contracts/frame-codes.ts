/**
 * Code of the `error` frame that is the last one of its topic for a socket which did not take a frame in time. Nothing
 * of that topic follows until the client subscribes again from its cursor.
 */
export const FELL_BEHIND = 'FELL_BEHIND';
