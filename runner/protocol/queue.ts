import { type LinesRequest, MAX_BATCH_BYTES, MAX_BATCH_LINES } from '../../shared/contracts/job-posts.ts';
import { encodedBytes } from '../process/lines.ts';

export type JobLine = LinesRequest['lines'][number];

/** A batch as it is sent, and sent again unchanged until it is answered. */
export interface Batch {
  readonly offset: number;
  readonly lines: readonly JobLine[];
}

/** Bytes of a line in a body besides its message and step. */
const LINE_OVERHEAD = 80;
/** Room for offset, step and brackets. */
const BODY_OVERHEAD = 200;

/** The lines that were not acknowledged yet, in order. `offset` is the number of the first, counted from 0. */
export class LineQueue {
  #lines: JobLine[] = [];
  #bytes = 0;
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** Number of lines acknowledged so far. */
  get offset(): number {
    return this.#offset;
  }

  get length(): number {
    return this.#lines.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(line: JobLine): void {
    this.#lines.push(line);
    this.#bytes += sizeOf(line);
  }

  /** The longest batch within the contract's limits that begins with the first waiting line. */
  batch(): Batch {
    let bytes = BODY_OVERHEAD;
    let count = 0;
    for (const line of this.#lines) {
      bytes += sizeOf(line);
      if (count > 0 && (bytes > MAX_BATCH_BYTES || count === MAX_BATCH_LINES)) break;
      count += 1;
    }
    return { offset: this.#offset, lines: this.#lines.slice(0, count) };
  }

  /**
   * Drops what the service has: everything before `nextOffset`.
   * @returns false where the service names a place that this queue cannot go on from
   */
  acknowledge(nextOffset: number): boolean {
    const count = nextOffset - this.#offset;
    if (count < 0 || count > this.#lines.length) return false;
    for (const line of this.#lines.splice(0, count)) this.#bytes -= sizeOf(line);
    this.#offset = nextOffset;
    return true;
  }
}

function sizeOf(line: JobLine): number {
  return encodedBytes(line.message) + line.step.length + LINE_OVERHEAD;
}
