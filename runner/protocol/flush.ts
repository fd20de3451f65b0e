import { MAX_BATCH_LINES } from '../../shared/contracts/job-posts.ts';

/** A line that comes after this much silence is news, and goes at once. */
export const QUIET_MS = 1_000;
/** What belongs to the same burst as the first line goes with it. */
const GATHER_MS = 20;
/** With this much waiting, a batch goes whatever the time. */
export const FLUSH_BYTES = 64 * 1024;

/** What waits to be sent. Times in ms. */
export interface Waiting {
  readonly lines: number;
  readonly bytes: number;
  /** When the oldest waiting line came. */
  readonly since: number;
  /** How long nothing had come before that line. */
  readonly quietMs: number;
}

export interface Pace {
  /** When the last post went out: the time that its answer took counts, or lines would wait for both. */
  readonly lastSentAt: number;
  /** How long it lets lines gather (250 ms watched, 5 s not). */
  readonly flushMs: number;
}

/** The moment at which waiting lines are to be sent; in the past means now. */
export function flushAt(waiting: Waiting, pace: Pace): number {
  if (waiting.bytes >= FLUSH_BYTES || waiting.lines >= MAX_BATCH_LINES) return waiting.since;
  const paced = pace.lastSentAt + pace.flushMs;
  return waiting.quietMs >= QUIET_MS ? Math.min(waiting.since + GATHER_MS, paced) : paced;
}
