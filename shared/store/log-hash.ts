import { hash } from 'node:crypto';
import type { LogLine } from '../domain/log.ts';
import { canonicalLine } from '../domain/log-proof.ts';
import { isPurged, type LineRange, tombstone } from '../domain/log-purge.ts';
import { isoTime } from '../platform/clock.ts';

const sha256 = (data: Uint8Array | string): Buffer => hash('sha256', data, 'buffer');

/** The running hash after these lines, given the one before them (see shared/domain/log-proof.ts). */
export function chainHash(before: Uint8Array, lines: readonly LogLine[]): Uint8Array {
  const link = new Uint8Array(64);
  link.set(before);
  let at = Number.NaN;
  let iso = '';
  for (const line of lines) {
    // Lines come in bursts: most share their millisecond with the line before.
    if (line.at !== at) {
      at = line.at;
      iso = isoTime(at);
    }
    link.set(line.digest === undefined ? digestAt(line, iso) : Buffer.from(line.digest, 'hex'), 32);
    link.set(sha256(link));
  }
  return link.slice(0, 32);
}

const digestAt = (line: LogLine, at: string): Buffer => sha256(canonicalLine({ ...line, at }));

/** The lines with those of the ranges left without their text. */
export const withPurged = (lines: readonly LogLine[], ranges: readonly LineRange[]): readonly LogLine[] =>
  ranges.length === 0
    ? lines
    : lines.map((line) =>
        isPurged(ranges, line.n) ? tombstone(line, () => hex(digestAt(line, isoTime(line.at)))) : line,
      );

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
