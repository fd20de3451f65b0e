import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

export interface ZipEntry {
  readonly path: string;
  readonly content: string | Buffer;
  /** Unix mode; a regular file by default. */
  readonly mode?: number;
}

/** A zip made of these entries, as a well-behaved tool would write it. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { path, content, mode = 0o100644 } of entries) {
    zip.addBuffer(Buffer.from(content), path, { mode, mtime: new Date(0) });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** The same zip with a name replaced by another of the same length, for names that a writer refuses. */
export function renamed(zip: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length) throw new Error('names must be of the same length');
  return Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1');
}
