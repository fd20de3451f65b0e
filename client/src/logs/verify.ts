import type { LogLineView } from '../../../shared/contracts/logs.ts';
import { canonicalLine, NO_LINES_HASH } from '../../../shared/domain/log-proof.ts';

/** Recomputes the hash chain of a log as its lines come by (WebCrypto, so it works in browsers too). */
export class LogVerifier {
  #hash: Uint8Array = NO_LINES_HASH;
  #lines = 0;
  #purged = 0;

  /** How many of the lines were purged: their text is gone, and proven is only that they stood there. */
  get purged(): number {
    return this.#purged;
  }

  /** Takes the next line. @throws RangeError where a line is missing or out of order. */
  async add(line: LogLineView): Promise<void> {
    if (line.n !== this.#lines + 1)
      throw new RangeError(`Line ${this.#lines + 1} is missing: line ${line.n} came next.`);
    const digest =
      line.digest === undefined
        ? await sha256(new TextEncoder().encode(canonicalLine(line)))
        : fromHex(line.digest);
    if (line.digest !== undefined) this.#purged += 1;
    const link = new Uint8Array(64);
    link.set(this.#hash);
    link.set(digest, 32);
    this.#hash = await sha256(link);
    this.#lines = line.n;
  }

  /** Do number and hash of what was added agree with the log's end? */
  agrees(end: { readonly lines: number; readonly hash: string }): boolean {
    return end.lines === this.#lines && end.hash === hex(this.#hash);
  }
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // The buffer is one of ours, never shared memory, which is all that the type leaves open.
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (digits: string) =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
