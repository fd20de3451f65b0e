import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { OutcomeUnknown } from '../errors/deployments.ts';
import type { Objects } from './objects.ts';

/** Bytes of one read; an archive is read in its own order, so few reads serve thousands of files. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Blocks kept: the file being read, and the directory at the end of the archive. */
const KEPT_BLOCKS = 4;

/** Reads an object of the store in blocks, as yauzl asks for ranges of it. */
class BlockReader extends yauzl.RandomAccessReader {
  readonly #load: (block: number) => Promise<Uint8Array>;
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(load: (block: number) => Promise<Uint8Array>) {
    super();
    this.#load = load;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#pieces(start, end), { objectMode: false });
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    let position = start;
    while (position < end) {
      const block = Math.floor(position / BLOCK_BYTES);
      const from = position - block * BLOCK_BYTES;
      const bytes = await this.#block(block);
      const piece = bytes.subarray(from, Math.min(bytes.length, from + end - position));
      if (piece.length === 0) return;
      yield piece;
      position += piece.length;
    }
  }

  #block(block: number): Promise<Uint8Array> {
    const kept = this.#blocks.get(block);
    const loading = kept ?? this.#load(block);
    // Put back at the end of the map: the first one is the one that was not used for longest.
    this.#blocks.delete(block);
    this.#blocks.set(block, loading);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > KEPT_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
    return loading;
  }
}

/**
 * Opens a zip in the store without fetching it whole. File names stay bytes: who reads them judges them.
 * @param size of the object, in bytes
 * @throws what yauzl throws where the object is not a zip
 */
export function openZip(
  objects: Objects,
  key: string,
  size: number,
  signal?: AbortSignal,
): Promise<yauzl.ZipFile> {
  const load = async (block: number): Promise<Uint8Array> => {
    const from = block * BLOCK_BYTES;
    const to = Math.min(size, from + BLOCK_BYTES) - 1;
    const bytes = await objects.read(key, { from, to }, signal);
    if (bytes !== undefined) return bytes;
    throw new OutcomeUnknown('The artifact vanished while it was read.', { facts: { key } });
  };
  return yauzl.fromRandomAccessReaderPromise(new BlockReader(load), size, {
    lazyEntries: true,
    decodeStrings: false,
    validateEntrySizes: true,
    autoClose: false,
  });
}

/** The name of an entry of `openZip`, which left it undecoded. */
export function entryName(entry: yauzl.Entry): string {
  return yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
}
