const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/**
 * How long to wait before the next try: doubling, with half of it left to chance so that runners that lost
 * the service together do not come back together.
 * @param failures tries that failed so far, at least 1
 * @param unit a random number in [0, 1)
 */
export function backoffMs(failures: number, unit: number, longestMs = LONGEST_MS): number {
  const whole = Math.min(longestMs, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole / 2 + (whole / 2) * unit);
}
