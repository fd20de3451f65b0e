import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectBlocks } from '../../shared/platform/object-blocks.ts';
import { filesInZip } from '../../shared/platform/zip.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * Unpacks a zip into an empty folder. Paths that lead out of it, links, files twice and too much of everything are
 * refused before anything of them is written.
 * @returns how many files there are
 * @throws Refused INVALID_ARTIFACT
 */
export async function unpack(zip: string, folder: string, signal: AbortSignal): Promise<number> {
  const handle = await open(zip);
  try {
    const files = await filesInZip(await piecesOf(handle));
    for (const file of files) {
      signal.throwIfAborted();
      const path = join(folder, file.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await file.read(), { flag: 'wx', mode: file.executable ? 0o755 : 0o644 });
    }
    return files.length;
  } finally {
    await handle.close();
  }
}

async function piecesOf(handle: FileHandle): Promise<ObjectBlocks> {
  const { size } = await handle.stat();
  return {
    size,
    pieces: async function* (from, to) {
      for (let at = from; at < to; ) {
        const buffer = Buffer.alloc(Math.min(PIECE_BYTES, to - at));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    },
  };
}
