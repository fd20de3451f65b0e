import type { LogLevel, LogSource } from './log.ts';

/**
 * What makes a log provable, for the service and for every client alike:
 *
 *   h(0) = 32 zero bytes
 *   d(n) = SHA-256(canonical line n)       of a purged line: the digest that it was left with
 *   h(n) = SHA-256(h(n-1) || d(n))          the 32 bytes of h(n-1), then the 32 bytes of d(n)
 *
 * The end of a log carries the number of its lines and h of the last in lower-case hex, so that whoever holds
 * lines 1..n, from pages, sockets, archive or download, can show that none is missing, changed or moved.
 */
export const NO_LINES_HASH = new Uint8Array(32);

/** A line as the API shows it: the time in ISO 8601 UTC with milliseconds. */
export interface ProvableLine {
  readonly n: number;
  readonly at: string;
  readonly level: LogLevel;
  readonly step: string;
  readonly source: LogSource;
  readonly message: string;
}

/**
 * The canonical form: six fields joined by one line feed each (U+000A), in this order, encoded as UTF-8. The number
 * is decimal without leading zeros. Only the message, which stands last, may hold a line feed itself,
 * so that two different lines never have the same form.
 */
export function canonicalLine(line: ProvableLine): string {
  return `${line.n}\n${line.at}\n${line.level}\n${line.step}\n${line.source}\n${line.message}`;
}
