import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ArchiveIndex, ArchiveObjects, Member } from '../../../../shared/store/log-archive-form.ts';
import { indexMembers, readIndex } from '../../../../shared/store/log-archive-index.ts';
import { archiveKey, indexKey } from '../../../../shared/store/log-archive-keys.ts';
import { memoryObjects } from '../../../logs/objects.ts';

const ID = 'dep_01ARZ3NDEKTSV4RRFFQ69G5FAV';

const member = (n: number): Member => ({
  first: n * 1000 + 1,
  count: 1000,
  from: n * 5000 + (n % 7),
  size: 5000,
  levels: ['info', 'warn'],
  sources: ['build'],
  steps: ['build', `schritt-${n}-größer`],
  until: 1_736_942_400_000 + n,
});
const indexOf = (members: number): ArchiveIndex => ({
  v: 1,
  lines: members * 1000,
  hash: 'ab'.repeat(32),
  members: Array.from({ length: members }, (_, n) => member(n)),
});

/** With steps that do not compress. */
const manySteps = (n: number): Member => ({
  ...member(n),
  steps: Array.from({ length: 30 }, (_, i) => createHash('sha256').update(`${n} ${i}`).digest('hex')),
});

const options = { contentType: 'application/gzip' };
const LINES = gzipSync('{"n":1}\n');

/** Objects that note what was read of them. */
function noted(): ArchiveObjects & { readonly reads: unknown[] } {
  const objects = memoryObjects();
  const reads: unknown[] = [];
  return {
    ...objects,
    reads,
    read: (key, range) => {
      reads.push(range);
      return objects.read(key, range);
    },
  };
}

describe('the index of an archive', () => {
  test('stands in its last members, which no tool shows', () => {
    const archive = Buffer.concat([LINES, indexMembers(indexOf(3))]);
    expect(gunzipSync(archive).toString()).toBe('{"n":1}\n');
  });

  test('has no header that a reader may find too long: Go takes 511 bytes of a comment, Rust 64 KB', async () => {
    const index = { ...indexOf(300), members: Array.from({ length: 300 }, (_, n) => manySteps(n)) };
    const members = Buffer.from(indexMembers(index));
    const starts: number[] = [];
    for (let at = 0; at < members.length; at += 12 + members.readUInt16LE(at + 10) + 10) starts.push(at);
    expect(starts.length).toBeGreaterThan(2);
    // Its flags: extra fields and nothing else.
    for (const at of starts) expect([...members.subarray(at, at + 4)]).toEqual([0x1f, 0x8b, 8, 4]);
    const archive = Buffer.concat([LINES, members]);
    expect(gunzipSync(archive).toString()).toBe('{"n":1}\n');
    const objects = noted();
    await objects.write(archiveKey(ID), archive, options);
    expect(await readIndex(objects, ID, 0)).toEqual(index);
  });

  test.each([
    [0, 1],
    [5, 1],
    [100, 1],
    [3000, 2],
  ])('of %i members is read whole, in %i reads of the end', async (members, reads) => {
    const objects = noted();
    await objects.write(archiveKey(ID), Buffer.concat([LINES, indexMembers(indexOf(members))]), options);
    expect(await readIndex(objects, ID, 0)).toEqual(indexOf(members));
    expect(objects.reads).toHaveLength(reads);
  });

  test('of an archive of before is the object beside it', async () => {
    const objects = noted();
    await objects.write(archiveKey(ID, 2), LINES, options);
    await objects.write(indexKey(ID, 2), Buffer.from(JSON.stringify(indexOf(1))), options);
    expect(await readIndex(objects, ID, 2)).toEqual(indexOf(1));
    expect(await readIndex(objects, ID, 1)).toBeUndefined();
  });

  test('is none where there is neither', async () => {
    const objects = noted();
    expect(await readIndex(objects, ID, 0)).toBeUndefined();
    await objects.write(archiveKey(ID), LINES, options);
    expect(await readIndex(objects, ID, 0)).toBeUndefined();
  });
});
