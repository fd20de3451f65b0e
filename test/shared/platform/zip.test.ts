import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { blocksOf, digestOf, type ObjectBlocks } from '../../../shared/platform/object-blocks.ts';
import { filesInZip } from '../../../shared/platform/zip.ts';
import { freshBucket } from '../../support/bucket.ts';
import { renamed, zipOf } from '../../support/zip.ts';

const NEVER = new AbortController().signal;

async function stored(zip: Buffer): Promise<ObjectBlocks> {
  const bucket = await freshBucket();
  await bucket.put('a.zip', zip);
  return blocksOf(bucket.objects, 'a.zip', zip.length, NEVER);
}

test('files come in the order of the archive with the bytes that were packed', async () => {
  const large = randomBytes(20 * 1024 * 1024);
  const zip = await zipOf([
    { path: 'index.html', content: '<h1>hello</h1>' },
    { path: 'assets/large.bin', content: large },
    { path: 'assets/last.txt', content: 'end' },
  ]);
  const blocks = await stored(zip);
  expect(await digestOf(blocks)).toBe(createHash('sha256').update(zip).digest('hex'));
  const files = await filesInZip(blocks);
  expect(files.map(({ path, size }) => [path, size])).toEqual([
    ['index.html', 14],
    ['assets/large.bin', large.length],
    ['assets/last.txt', 3],
  ]);
  const [index, bin, last] = await Promise.all(files.map((file) => file.read()));
  expect(Buffer.from(index ?? []).toString()).toBe('<h1>hello</h1>');
  expect(Buffer.from(last ?? []).toString()).toBe('end');
  expect(large.equals(Buffer.from(bin ?? []))).toBe(true);
});

test.each([
  ['leads out of the archive', renamed, 'aa/bb', '../bb'],
  ['is absolute', renamed, 'aa/bb', '/a/bb'],
  ['has a drive letter', renamed, 'aa/bb', 'C:/bb'],
])('a path that %s is refused by name', async (_what, rename, from, to) => {
  const zip = rename(await zipOf([{ path: from, content: 'x' }]), from, to);
  await expect(filesInZip(await stored(zip))).rejects.toMatchObject({
    code: 'INVALID_ARTIFACT',
    message: expect.stringContaining(to) as unknown,
  });
});

test('a symbolic link is refused', async () => {
  const zip = await zipOf([{ path: 'link', content: '/etc/passwd', mode: 0o120777 }]);
  await expect(filesInZip(await stored(zip))).rejects.toMatchObject({
    code: 'INVALID_ARTIFACT',
    facts: { path: 'link' },
  });
});

test('a path that is there twice is refused', async () => {
  const zip = await zipOf([
    { path: 'one.txt', content: '1' },
    { path: 'two.txt', content: '2' },
  ]);
  await expect(filesInZip(await stored(renamed(zip, 'two.txt', 'one.txt')))).rejects.toMatchObject({
    facts: { path: 'one.txt' },
  });
});

test('a file that inflates to more than it says is refused while it is read', async () => {
  const content = Buffer.alloc(100_000);
  const zip = await zipOf([{ path: 'bomb', content }]);
  // The size in the central directory, little endian, at offset 24 of the entry.
  const entry = zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  zip.writeUInt32LE(10, entry + 24);
  const [file] = await filesInZip(await stored(zip));
  await expect(file?.read()).rejects.toMatchObject({ code: 'INVALID_ARTIFACT' });
});

test('what is no zip is refused as an artifact, what is not there as an outage', async () => {
  await expect(
    filesInZip(await stored(Buffer.from('hello, this is no archive at all'))),
  ).rejects.toMatchObject({ code: 'INVALID_ARTIFACT' });
  const bucket = await freshBucket();
  const missing = blocksOf(bucket.objects, 'missing.zip', 1000, NEVER);
  await expect(filesInZip(missing)).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' });
});
