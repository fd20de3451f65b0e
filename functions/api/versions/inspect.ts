import { createHash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { ARTIFACT_LIMITS } from '../../../shared/contracts/versions.ts';
import { PathSet, pathProblem } from '../../../shared/domain/artifact-paths.ts';
import { SlipwayError } from '../../../shared/errors/base.ts';
import { Refused } from '../../../shared/errors/requests.ts';
import type { Artifacts } from '../../../shared/platform/artifacts.ts';
import { entryName, openZip, type RangedZip } from '../../../shared/platform/ranged-zip.ts';

/** What was declared when the upload was signed. */
export interface Declared {
  readonly key: string;
  readonly sha256: string;
  readonly size: number;
}

/** An archive that grows by more than this, past a size that anything honest compresses to, is a bomb. */
const MAX_RATIO = 200;
const RATIO_COUNTS_FROM_BYTES = 10 * 1024 * 1024;
/** Bytes that are hashed at a time where the store kept no checksum. */
const HASH_BYTES = 8 * 1024 * 1024;

/** Files up to this are inflated in memory. */
const SMALL_BYTES = 1024 * 1024;

const FILE_TYPE_MASK = 0xf000;
const REGULAR = 0x8000;
const FOLDER = 0x4000;
const SYMLINK = 0xa000;

/**
 * Reads an uploaded zip to its last byte and judges it: digest, names, kinds, sizes as declared and as they are.
 * @returns the number of files
 * @throws Refused INVALID_ARTIFACT naming the path that is wrong
 */
export async function inspectArtifact(
  artifacts: Artifacts,
  declared: Declared,
  signal: AbortSignal,
): Promise<number> {
  await checkDigest(artifacts, declared, signal);
  const archive = await orInvalid(() => openZip(artifacts.objects, declared.key, declared.size, signal));
  try {
    const entries = await checkedEntries(archive.zip, declared.size);
    for (const entry of entries) await checkContent(archive, entry);
    const files = entries.filter(({ path }) => !path.endsWith('/')).length;
    if (files === 0) throw invalid('The archive holds no file.');
    return files;
  } finally {
    archive.zip.close();
  }
}

interface NamedEntry {
  readonly path: string;
  readonly entry: Entry;
}

/** The directory of the archive: judged whole before anything is inflated. */
async function checkedEntries(zip: ZipFile, zipBytes: number): Promise<NamedEntry[]> {
  const paths = new PathSet();
  const entries: NamedEntry[] = [];
  let total = 0;
  if (zip.entryCount > ARTIFACT_LIMITS.files * 2) throw tooManyFiles();
  for await (const entry of entriesOf(zip)) {
    const path = await orInvalid(async () => entryName(entry));
    const problem = pathProblem(path) ?? kindProblem(entry, path) ?? paths.add(path);
    if (problem !== undefined) throw invalid(`The path ${JSON.stringify(path)} ${problem}.`, path);
    total += entry.uncompressedSize;
    checkUnpacked(path, entry.uncompressedSize, total, zipBytes);
    entries.push({ path, entry });
    if (entries.length > ARTIFACT_LIMITS.files * 2) throw tooManyFiles();
  }
  if (entries.filter(({ path }) => !path.endsWith('/')).length > ARTIFACT_LIMITS.files) throw tooManyFiles();
  return entries;
}

function checkUnpacked(path: string, size: number, total: number, zipBytes: number): void {
  const { fileBytes, uploadUnpackedBytes } = ARTIFACT_LIMITS;
  if (size > fileBytes)
    throw invalid(`${path} has ${size} bytes; ${fileBytes} are the limit of a file.`, path);
  if (total > uploadUnpackedBytes)
    throw invalid(`The files hold more than ${uploadUnpackedBytes} bytes; ${path} goes past it.`, path);
  if (total > RATIO_COUNTS_FROM_BYTES && total > zipBytes * MAX_RATIO)
    throw invalid(
      `The archive inflates to more than ${MAX_RATIO} times its size; ${path} goes past it.`,
      path,
    );
}

/** Only files and folders, in the two forms that every tool can read. */
function kindProblem(entry: Entry, path: string): string | undefined {
  const kind = (entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK;
  if (kind === SYMLINK) return 'is a symbolic link';
  if (kind !== 0 && kind !== REGULAR && kind !== FOLDER) return 'is neither a file nor a folder';
  if (path.endsWith('/') ? entry.uncompressedSize > 0 : kind === FOLDER) return 'is both a file and a folder';
  if (entry.isEncrypted()) return 'is encrypted';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return 'is compressed in an unknown way';
  return undefined;
}

/** Inflates a file and holds it against its declared size and checksum. */
async function checkContent(archive: RangedZip, { path, entry }: NamedEntry): Promise<void> {
  await orInvalid(async () => {
    const checksum = isSmall(entry)
      ? crc32(await smallContent(archive, entry))
      : await streamedChecksum(archive, entry);
    if (checksum !== entry.crc32) throw invalid(`The content of ${JSON.stringify(path)} is damaged.`, path);
  }, path);
}

const isSmall = (entry: Entry) =>
  entry.compressedSize <= SMALL_BYTES && entry.uncompressedSize <= SMALL_BYTES;

/** At once, and never more than one byte past the declared size: thousands of streams would take too long. */
async function smallContent({ zip, bytes }: RangedZip, entry: Entry): Promise<Uint8Array> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const stored = await bytes(fileDataStart, fileDataStart + entry.compressedSize);
  const content =
    entry.compressionMethod === 0
      ? stored
      : inflateRawSync(stored, { maxOutputLength: entry.uncompressedSize + 1 });
  if (content.length !== entry.uncompressedSize) {
    throw new RangeError(`it has ${content.length} bytes and declares ${entry.uncompressedSize}`);
  }
  return content;
}

/** yauzl ends the stream where it grows past the declared size. */
async function streamedChecksum({ zip }: RangedZip, entry: Entry): Promise<number> {
  let checksum = 0;
  for await (const piece of await zip.openReadStreamPromise(entry)) checksum = crc32(piece, checksum);
  return checksum;
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  const entries = zip.eachEntry();
  for (;;) {
    const next = await orInvalid(() => entries.next());
    if (next.done) return;
    yield next.value;
  }
}

/** The store checks the bytes on arrival where it supports checksums; elsewhere they are hashed here. */
async function checkDigest(artifacts: Artifacts, declared: Declared, signal: AbortSignal): Promise<void> {
  const stored = await artifacts.stored(declared.key);
  if (stored === undefined) {
    throw invalid('Nothing was uploaded yet.', undefined, 'PUT the zip to the upload URL first.');
  }
  if (stored.size !== declared.size) {
    throw invalid(`The upload has ${stored.size} bytes; ${declared.size} were declared.`);
  }
  const digest = stored.sha256 ?? (await hashed(artifacts, declared, signal));
  if (digest !== declared.sha256) throw invalid('The upload does not have the SHA-256 that was declared.');
}

async function hashed(artifacts: Artifacts, { key, size }: Declared, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < size; from += HASH_BYTES) {
    const range = { from, to: Math.min(size, from + HASH_BYTES) - 1 };
    hash.update((await artifacts.objects.read(key, range, signal)) ?? new Uint8Array());
  }
  return hash.digest('hex');
}

/** What a zip reader throws is the archive's fault, unless the store did not answer. */
async function orInvalid<T>(read: () => Promise<T>, path?: string): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SlipwayError || (error instanceof Error && '$metadata' in error)) throw error;
    const what =
      path === undefined ? 'The upload is not a readable zip' : `${JSON.stringify(path)} cannot be read`;
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(`${what}: ${why.replace(/\.$/, '')}.`, path, undefined, error);
  }
}

function invalid(message: string, path?: string, suggestion?: string, cause?: unknown): Refused {
  return new Refused('INVALID_ARTIFACT', message, {
    cause,
    suggestion: suggestion ?? 'Make the archive anew and create another version with it.',
    facts: path === undefined ? {} : { path },
  });
}

const tooManyFiles = () => invalid(`The archive holds more than ${ARTIFACT_LIMITS.files} files.`);
