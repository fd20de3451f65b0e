import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';

export interface ArchivedFile {
  readonly path: string;
  readonly content: Buffer;
}

/** The files of a zip that is small enough to be held: the example's artifact is a few kilobytes. */
export async function filesOf(zip: Buffer): Promise<ArchivedFile[]> {
  const archive = await yauzl.fromBufferPromise(zip);
  const files: ArchivedFile[] = [];
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const stream = await archive.openReadStreamPromise(entry);
    files.push({ path: entry.fileName, content: await buffer(stream) });
  }
  return files;
}
