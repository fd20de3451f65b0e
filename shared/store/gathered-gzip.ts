import { constants, crc32, deflateRawSync } from 'node:zlib';

/** As RFC 1952, 2.3 has it: deflate, no fields, no time, an unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff]);
/** The block that says that it is the last, and holds nothing. */
const LAST_BLOCK = Buffer.from([0x03, 0]);

/**
 * Gzip of what is added piece by piece, as one member whose pieces are compressed one by one. Browsers and curl show
 * nothing behind the first member of what is sent to them as `content-encoding: gzip`.
 */
export class GatheredGzip {
  readonly #parts: Uint8Array[] = [HEADER];
  #crc = 0;
  #size = 0;

  add(text: string): void {
    const bytes = Buffer.from(text);
    this.#crc = crc32(bytes, this.#crc);
    this.#size += bytes.length;
    // Ends on a whole byte and without a last block, so that the next piece can follow.
    this.#parts.push(deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_SYNC_FLUSH }));
  }

  /** All that was added; nothing may be added after it. */
  end(): Uint8Array {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#size % 2 ** 32, 4);
    return Buffer.concat([...this.#parts, LAST_BLOCK, trailer]);
  }
}
