export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_SOURCES = ['build', 'deploy', 'system'] as const;
export type LogSource = (typeof LOG_SOURCES)[number];

/** A line before it has a number. `at` is ms since the epoch. */
export interface NewLine {
  readonly at: number;
  readonly level: LogLevel;
  /** Named part of the log inside a stage: clone, install, build, upload, gate, release... */
  readonly step: string;
  readonly source: LogSource;
  readonly message: string;
}

/** A line of a deployment's log; `n` starts at 1 and has no gap. */
export interface LogLine extends NewLine {
  readonly n: number;
  /** Only where its text was purged: SHA-256 (hex) of the line as it was; `message` says that it is gone. */
  readonly digest?: string | undefined;
}

/** What proves a finished log whole: number of lines and the last hash of the chain (hex). */
export interface LogEnd {
  readonly lines: number;
  readonly hash: string;
}
