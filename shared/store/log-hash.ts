import { hash } from 'node:crypto';
import type { LogLine } from '../domain/log.ts';
import { canonicalLine } from '../domain/log-proof.ts';
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
    link.set(sha256(canonicalLine({ ...line, at: iso })), 32);
    link.set(sha256(link));
  }
  return link.slice(0, 32);
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
