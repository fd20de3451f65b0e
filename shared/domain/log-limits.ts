/** How much of a log is kept. Passed around as one value, so that a test can use small ones. */
export interface LogLimits {
  /** Bytes (UTF-8) of all messages of a deployment; lines of builds and targets beyond are counted, not kept. */
  readonly bytes: number;
  /** Lines of a deployment, likewise. */
  readonly lines: number;
}

/** 2.6 million lines of the usual 100 bytes; as random text about 260,000 write units, 16 cents. */
export const LOG_LIMITS: LogLimits = { bytes: 256 * 1024 * 1024, lines: 2_000_000 };

/** Longest stored message in bytes; a longer one becomes several lines, each saying so. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** Stands at the end of every part of a split message but the last, and at the start of every part but the first. */
export const SPLIT_MARK = '…';

/** How long a line is kept in the database after it was written; the archive keeps it longer. */
export const LOG_KEPT_SECONDS = 30 * 24 * 3600;

/**
 * For lines written while a deployment may wait (the gate waits up to 300 days): the chain must not lose its
 * beginning before its end is written.
 */
export const WAITING_LOG_KEPT_SECONDS = 360 * 24 * 3600;
