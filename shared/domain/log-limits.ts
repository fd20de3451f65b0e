import type { Retention } from './environment.ts';

/** How much of a log is kept. Passed around as one value, so that a test can use small ones. */
export interface LogLimits {
  /** Bytes (UTF-8) of all messages of a deployment; lines of builds and targets beyond are counted, not kept. */
  readonly bytes: number;
  /** Lines of a deployment, likewise. */
  readonly lines: number;
}

/** 2.6 million lines of the usual 100 bytes; as random text about 260,000 write units, 16 cents. */
export const LOG_LIMITS: LogLimits = { bytes: 256 * 1024 * 1024, lines: 2_000_000 };

/**
 * What the relay archives or purges at once, in about 5 s of the third of a processor that it has. Above it is the
 * sweep's, which has a whole one: other deployments of the same shard do not wait for it.
 */
export const AT_ONCE: LogLimits = { bytes: 16 * 1024 * 1024, lines: 100_000 };

/** Longest stored message in bytes; a longer one becomes several lines, each saying so. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * How many days an environment may have lines kept in the database after they were written; the archive keeps them
 * longer. A week at the least: a log must not lose its beginning before its archive is written, and what keeps that
 * from being written needs time to be noticed and mended.
 */
export const LOG_DAYS = { default: 30, min: 7, max: 400 } as const;

export const logDays = (retention: Retention | undefined): number => retention?.logDays ?? LOG_DAYS.default;

/**
 * What the gate says comes before a wait of up to 300 days: it is kept longer, since a log must not lose its beginning
 * before its end is written.
 */
export const GATE_LOG_DAYS = 360;
