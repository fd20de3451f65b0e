import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { ARTIFACT_LIMITS } from '../contracts/versions.ts';
import { SlipwayError } from '../errors/base.ts';
import { Refused } from '../errors/requests.ts';
import type { ObjectBlocks } from './object-blocks.ts';
import { BlockReader } from './ranged-zip.ts';

/** A file of an archive. */
export interface ZippedFile {
  /** Relative, with `/`, never leading out of the archive. */
  readonly path: string;
  /** Inflated size in bytes. */
  readonly size: number;
  /** As whoever packed it on Unix had it. */
  readonly executable: boolean;
  /** The whole content, inflated; more bytes than `size` says are refused. */
  read(): Promise<Uint8Array>;
}

/** Regular file, symbolic link and so on, as Unix stores it in the upper half of the attributes. */
const FILE_TYPE = 0o170000;
const SYMLINK = 0o120000;
const OWNER_RUNS = 0o100;
const MADE_ON_UNIX = 3;

/**
 * The files of a zip, in the order of the archive; folders are left out.
 * @throws Refused INVALID_ARTIFACT naming the path that is wrong: absolute, `..`, a link, twice there, encrypted,
 *   too many or too large
 */
export async function filesInZip(blocks: ObjectBlocks): Promise<readonly ZippedFile[]> {
  const zip = await reading(() =>
    yauzl.fromRandomAccessReaderPromise(new BlockReader(blocks), blocks.size, {
      autoClose: false,
      strictFileNames: true,
    }),
  );
  const files: ZippedFile[] = [];
  const seen = new Set<string>();
  let unpacked = 0;
  await reading(async () => {
    for await (const entry of zip.eachEntry()) {
      const path = entry.fileName;
      unpacked += entry.uncompressedSize;
      refuseWrong(entry, seen.has(path), files.length, unpacked);
      seen.add(path);
      if (path.endsWith('/')) continue;
      files.push({
        path,
        size: entry.uncompressedSize,
        executable: isExecutable(entry),
        read: () => reading(async () => buffer(await zip.openReadStreamPromise(entry))),
      });
    }
  });
  return files;
}

function refuseWrong(entry: yauzl.Entry, twice: boolean, files: number, unpacked: number): void {
  const path = entry.fileName;
  if (twice) throw refused(path, 'is there twice');
  if (isLink(entry)) throw refused(path, 'is a symbolic link');
  if (!entry.canDecodeFileData())
    throw refused(path, 'is encrypted or packed in a way that is not supported');
  const { fileBytes, unpackedBytes } = ARTIFACT_LIMITS;
  if (entry.uncompressedSize > fileBytes)
    throw refused(path, `has ${entry.uncompressedSize} bytes; ${fileBytes} are the limit of a file`);
  if (files >= ARTIFACT_LIMITS.files)
    throw refused(path, `is one file more than the limit of ${ARTIFACT_LIMITS.files}`);
  if (unpacked > unpackedBytes)
    throw refused(path, `makes the archive unpack to more than ${unpackedBytes} bytes`);
}

const isLink = ({ versionMadeBy, externalFileAttributes }: yauzl.Entry) =>
  versionMadeBy >> 8 === MADE_ON_UNIX && ((externalFileAttributes >>> 16) & FILE_TYPE) === SYMLINK;

const isExecutable = ({ versionMadeBy, externalFileAttributes }: yauzl.Entry) =>
  versionMadeBy >> 8 === MADE_ON_UNIX && ((externalFileAttributes >>> 16) & OWNER_RUNS) !== 0;

const refused = (path: string, what: string) =>
  new Refused('INVALID_ARTIFACT', `${path} ${what}.`, {
    suggestion: 'Pack the files again, regular ones only, and upload the new archive.',
    facts: { path },
  });

/** yauzl raises plain errors for archives that are no archives; those of the store pass as they are. */
async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    throw new Refused('INVALID_ARTIFACT', `The artifact cannot be read as a zip: ${wordsOf(error)}.`, {
      cause: error,
      suggestion: 'Pack the files again and upload the new archive.',
    });
  }
}

const wordsOf = (error: unknown) =>
  error instanceof Error ? error.message.replace(/\.$/, '') : 'it is broken';
