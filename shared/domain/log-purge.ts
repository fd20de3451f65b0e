import type { LogLine } from './log.ts';

/** What a purged line says instead of its text. */
export const PURGED_MESSAGE = '[purged]';

/** Lines of a log, both ends included. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** Somebody had lines of a log purged: a leaked secret, say. Kept on the record for whoever asks later. */
export interface LogPurge extends LineRange {
  /** For everybody who finds the lines gone. */
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** Chunks, archive and record hold the text no more. */
  readonly rewrittenAt?: string | undefined;
  /** Looked at again, when whoever archived the log meanwhile without knowing of it must have ended. */
  readonly doneAt?: string | undefined;
}

/** Purges of one deployment, at most: each stands on its record. */
export const MOST_PURGES = 50;

/** Longer than any function runs: whoever read the lines before the purge has written what it will by then (ms). */
export const PURGE_AGAIN_MS = 16 * 60 * 1000;

export const isPurged = (ranges: readonly LineRange[], n: number): boolean =>
  ranges.some(({ from, to }) => n >= from && n <= to);

/** The line without its text; `digest` is that of the line as it was. A purged line stays as it is. */
export const tombstone = (line: LogLine, digest: () => string): LogLine =>
  line.digest === undefined ? { ...line, message: PURGED_MESSAGE, digest: digest() } : line;

/** The moment (ms) from which something is to be done for one of these; undefined where all is done. */
export function nextPurgeAt(purges: readonly LogPurge[] = []): number | undefined {
  const due = purges.flatMap(({ at, rewrittenAt, doneAt }) => {
    if (doneAt !== undefined) return [];
    return rewrittenAt === undefined ? [Date.parse(at)] : [Date.parse(rewrittenAt) + PURGE_AGAIN_MS];
  });
  return due.length === 0 ? undefined : Math.min(...due);
}

export const isPurgeDue = (purges: readonly LogPurge[] | undefined, now: number): boolean => {
  const due = nextPurgeAt(purges);
  return due !== undefined && due <= now;
};
