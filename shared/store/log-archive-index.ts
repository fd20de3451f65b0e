import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type ArchiveIndex, type ArchiveObjects, archiveIndex } from './log-archive-form.ts';
import { archiveKey, indexKey } from './log-archive-keys.ts';

/**
 * What makes the archive readable in parts stands in gzip members at its end that unpack to nothing: as the extra field of
 * each (RFC 1952, 2.3.1.1), which any tool skips, so many bytes of it as such a field takes. The last bytes of the last one
 * say in ten digits how long these members are. So an archive is one object that is whole or not there, and unpacks to the
 * lines alone. A comment would do too, were there not readers (Go's) that take no long one.
 */
const HEADER = Buffer.from([0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff]);
/** No data, and the checksum and length of nothing. */
const REST = Buffer.from([0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/** Names the field, which holds nothing else. */
const FIELD = Buffer.from('SI');
/** Header, length of the extra fields, name and length of this one. */
const BEFORE = HEADER.length + 6;
const DIGITS = 10;
/** An extra field holds 65,531 bytes at the most. */
const MOST_BYTES = 65_000;

/** Read at first; holds the index of some 100,000 lines. */
const TAIL_BYTES = 8 * 1024;

/** The last members of an archive. */
export function indexMembers(index: ArchiveIndex): Uint8Array {
  const packed = deflateRawSync(JSON.stringify(index));
  const parts: Uint8Array[] = [];
  for (let from = 0; from < packed.length; from += MOST_BYTES)
    parts.push(packed.subarray(from, from + MOST_BYTES));
  const size = packed.length + DIGITS + parts.length * (BEFORE + REST.length);
  const digits = Buffer.from(String(size).padStart(DIGITS, '0'));
  return Buffer.concat(
    parts.map((part, i) => emptyMember(i < parts.length - 1 ? part : Buffer.concat([part, digits]))),
  );
}

function emptyMember(extra: Uint8Array): Uint8Array {
  const lengths = Buffer.alloc(6);
  lengths.writeUInt16LE(extra.length + 4, 0);
  lengths.set(FIELD, 2);
  lengths.writeUInt16LE(extra.length, 4);
  return Buffer.concat([HEADER, lengths, extra, REST]);
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
  const size = sizeOfMembers(tail);
  if (size === undefined) return readOwnObject(objects, deploymentId, after);
  const members = size <= tail.length ? tail.slice(-size) : await objects.read(key, { last: size });
  return members === undefined ? undefined : indexIn(Buffer.from(members));
}

/** Undefined where the archive ends otherwise. */
function sizeOfMembers(tail: Uint8Array): number | undefined {
  const end = tail.length - REST.length;
  if (end < DIGITS || !REST.equals(tail.slice(end))) return undefined;
  const digits = Buffer.from(tail.slice(end - DIGITS, end)).toString('latin1');
  return /^\d{10}$/.test(digits) ? Number(digits) : undefined;
}

function indexIn(members: Buffer): ArchiveIndex {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < members.length; ) {
    const from = at + BEFORE;
    const to = from + members.readUInt16LE(from - 2);
    parts.push(members.subarray(from, to));
    at = to + REST.length;
  }
  return parsed(inflateRawSync(Buffer.concat(parts).subarray(0, -DIGITS)));
}

/** Archives of before had an object beside them, which was written last. */
async function readOwnObject(objects: ArchiveObjects, deploymentId: string, after: number) {
  const bytes = await objects.read(indexKey(deploymentId, after));
  return bytes === undefined ? undefined : parsed(bytes);
}

const parsed = (bytes: Uint8Array) => archiveIndex.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
