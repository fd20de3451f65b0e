import { createHash } from 'node:crypto';
import { PlatformUnavailable } from '../errors/requests.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Objects } from './objects.ts';

/** One request fetches this much; large enough that an artifact of 500 MB needs 63 of them. */
const BLOCK_BYTES = 8 * 1024 * 1024;
/** Blocks kept in memory, the latest used ones: 48 MB. */
const BLOCKS_KEPT = 6;

/** A large object of known size, read in blocks and never held whole. */
export interface ObjectBlocks {
  readonly size: number;
  /** The bytes `from` up to, not including, `to`, in pieces as they lie in the blocks. */
  pieces(from: number, to: number): AsyncGenerator<Uint8Array>;
}

/**
 * Readers that go through the object more or less in order find their block in memory.
 * Whatever keeps a block away is a PlatformUnavailable: never to be taken for a fault of the bytes.
 */
export function blocksOf(objects: Objects, key: string, size: number, signal?: AbortSignal): ObjectBlocks {
  const kept = new BoundedMap<number, Promise<Uint8Array>>(BLOCKS_KEPT);

  const fetchBlock = async (index: number): Promise<Uint8Array> => {
    const from = index * BLOCK_BYTES;
    const to = Math.min(from + BLOCK_BYTES, size) - 1;
    return readRange(objects, key, { from, to }, signal);
  };

  const block = (index: number): Promise<Uint8Array> => {
    const found = kept.get(index) ?? fetchBlock(index);
    kept.set(index, found);
    // A failed read is not kept: the next reader tries again.
    found.catch(() => kept.delete(index));
    return found;
  };

  return {
    size,
    pieces: async function* (from, to) {
      for (let at = from; at < to; ) {
        const index = Math.floor(at / BLOCK_BYTES);
        const start = index * BLOCK_BYTES;
        const end = Math.min(to, start + BLOCK_BYTES);
        yield (await block(index)).subarray(at - start, end - start);
        at = end;
      }
    },
  };
}

async function readRange(
  objects: Objects,
  key: string,
  range: { readonly from: number; readonly to: number },
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await objects.read(key, range, signal);
  } catch (cause) {
    throw new PlatformUnavailable(`The object ${key} could not be read.`, {
      cause,
      facts: { key, ...range },
    });
  }
  if (bytes?.byteLength === range.to - range.from + 1) return bytes;
  throw new PlatformUnavailable(`The object ${key} is not there in its whole size.`, {
    facts: { key, ...range, got: bytes?.byteLength },
  });
}

/** SHA-256 of the whole object, hex. */
export async function digestOf(blocks: ObjectBlocks): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of blocks.pieces(0, blocks.size)) hash.update(piece);
  return hash.digest('hex');
}
