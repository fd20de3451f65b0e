import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { blocksOf, type ObjectBlocks } from './object-blocks.ts';
import type { Objects } from './objects.ts';

/** Gives yauzl the ranges that it asks for. */
export class BlockReader extends yauzl.RandomAccessReader {
  readonly #blocks: ObjectBlocks;

  constructor(blocks: ObjectBlocks) {
    super();
    this.#blocks = blocks;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#blocks.pieces(start, end), { objectMode: false });
  }

  /** Without the three streams that yauzl would make for each of an archive's thousands of headers. */
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    bytesOf(this.#blocks, position, position + length).then(
      (bytes) => {
        buffer.set(bytes, offset);
        callback(bytes.length < length ? new Error('the archive ends too early') : null);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

/** The bytes from `start` up to `end`, fewer where the object ends before. */
async function bytesOf(blocks: ObjectBlocks, start: number, end: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of blocks.pieces(start, end)) pieces.push(piece);
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}

/** A zip in the store, opened. */
export interface RangedZip {
  readonly zip: yauzl.ZipFile;
  /** Bytes of the object from `start` up to `end`. */
  bytes(start: number, end: number): Promise<Uint8Array>;
}

/**
 * Opens a zip in the store without fetching it whole. File names stay bytes: who reads them judges them.
 * @param size of the object, in bytes
 * @throws what yauzl throws where the object is not a zip, PlatformUnavailable where it cannot be read
 */
export async function openZip(
  objects: Objects,
  key: string,
  size: number,
  signal?: AbortSignal,
): Promise<RangedZip> {
  const blocks = blocksOf(objects, key, size, signal);
  const zip = await yauzl.fromRandomAccessReaderPromise(new BlockReader(blocks), size, {
    lazyEntries: true,
    decodeStrings: false,
    validateEntrySizes: true,
    autoClose: false,
  });
  return { zip, bytes: (start, end) => bytesOf(blocks, start, end) };
}

/** The name of an entry of `openZip`, which left it undecoded. */
export function entryName(entry: yauzl.Entry): string {
  return yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
}
