import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type ArchiveIndex, type ArchiveObjects, archiveIndex } from './log-archive-form.ts';
import { archiveKey, indexKey } from './log-archive-keys.ts';

/**
 * What makes the archive readable in parts stands in its last gzip member, which unpacks to nothing: as that member's
 * comment (RFC 1952, 2.3: FCOMMENT), compressed and in base64, behind it the size of the whole member in ten digits. So
 * an archive is one object that is whole or not there, and any tool unpacks it to the lines alone.
 */
const HEADER = Buffer.from([0x1f, 0x8b, 0x08, 0x10, 0, 0, 0, 0, 0, 0xff]);
/** The end of the comment, no data, and the checksum and length of nothing. */
const REST = Buffer.from([0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const DIGITS = 10;

/** Read at first; holds the index of some 100,000 lines. */
const TAIL_BYTES = 8 * 1024;

/** The last member of an archive. */
export function indexMember(index: ArchiveIndex): Uint8Array {
  const text = deflateRawSync(JSON.stringify(index)).toString('base64');
  const size = HEADER.length + text.length + DIGITS + REST.length;
  return Buffer.concat([HEADER, Buffer.from(`${text}${String(size).padStart(DIGITS, '0')}`), REST]);
}

/** The index of the archive that was written after so many purges; undefined where there is no such archive. */
export async function readIndex(
  objects: ArchiveObjects,
  deploymentId: string,
  after: number,
): Promise<ArchiveIndex | undefined> {
  const key = archiveKey(deploymentId, after);
  const tail = await objects.read(key, { last: TAIL_BYTES });
  if (tail === undefined) return undefined;
  const size = sizeOfMember(tail);
  if (size === undefined) return readOwnObject(objects, deploymentId, after);
  const member = size <= tail.length ? tail.slice(-size) : await objects.read(key, { last: size });
  return member === undefined ? undefined : indexIn(member);
}

/** Undefined where the archive ends otherwise. */
function sizeOfMember(tail: Uint8Array): number | undefined {
  const end = tail.length - REST.length;
  if (end < DIGITS || !REST.equals(tail.slice(end))) return undefined;
  const digits = Buffer.from(tail.slice(end - DIGITS, end)).toString('latin1');
  return /^\d{10}$/.test(digits) ? Number(digits) : undefined;
}

function indexIn(member: Uint8Array): ArchiveIndex {
  const text = Buffer.from(member.slice(HEADER.length, -(DIGITS + REST.length))).toString('latin1');
  return parsed(inflateRawSync(Buffer.from(text, 'base64')));
}

/** Archives of before had an object beside them, which was written last. */
async function readOwnObject(objects: ArchiveObjects, deploymentId: string, after: number) {
  const bytes = await objects.read(indexKey(deploymentId, after));
  return bytes === undefined ? undefined : parsed(bytes);
}

const parsed = (bytes: Uint8Array) => archiveIndex.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
