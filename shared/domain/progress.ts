/** Percent shown at each milestone of a deployment; it never falls (see `advance`). */
export const PROGRESS = {
  created: 0,
  gatePassed: 5,
  sourceReady: 20,
  built: 50,
  released: 80,
  verified: 90,
  liveChecksPassed: 95,
  succeeded: 100,
} as const;

/** Progress only rises: a late or repeated report never takes it back. */
export function advance(current: number, next: number): number {
  return Math.max(current, Math.min(100, Math.floor(next)));
}
