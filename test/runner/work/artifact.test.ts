import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeArtifact } from '../../../runner/work/artifact.ts';
import { listOutput } from '../../../runner/work/output-files.ts';
import { tempFolder, writeFiles } from '../fixtures.ts';
import { unzip } from '../unzip.ts';

const never = new AbortController().signal;

async function zip(folder: string, maxBytes = 10_000_000) {
  const target = join(tempFolder('zip'), 'artifact.zip');
  const artifact = await writeArtifact(listOutput(folder, 1000), target, maxBytes, never);
  return { ...artifact, bytes: readFileSync(target) };
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder('output');
  writeFiles(folder, files);
  return folder;
}

describe('an artifact', () => {
  test('of the same files is the same bytes, whenever and in whatever order they were written', async () => {
    const name = fc.stringMatching(/^[a-z]{1,4}(\/[A-Z]{1,3}\.html)?$/);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.string({ maxLength: 3000 }), { minKeys: 1 }), async (files) => {
        // A name cannot be a folder and a file.
        const entries = Object.entries(files).map(
          ([path, text], index) => [`${index}/${path}`, text] as const,
        );
        const one = folderOf(Object.fromEntries(entries));
        const other = folderOf(Object.fromEntries(entries.toReversed()));
        for (const [path] of entries) utimesSync(join(other, path), 1_000_000, 1_000_000);
        const [first, second] = [await zip(one), await zip(other)];
        expect(first.digest).toBe(second.digest);
        expect(await unzip(first.bytes)).toEqual(Object.fromEntries(entries));
      }),
      { numRuns: 15 },
    );
  });

  test('does not depend on the time zone', async () => {
    const folder = folderOf({ 'index.html': 'x' });
    const script = `
      import { writeArtifact } from '${join(import.meta.dirname, '../../../runner/work/artifact.ts')}';
      import { listOutput } from '${join(import.meta.dirname, '../../../runner/work/output-files.ts')}';
      const made = await writeArtifact(listOutput(process.argv[1], 9), process.argv[2], 1e6, new AbortController().signal);
      console.log(made.digest);`;
    const digestIn = (zone: string) =>
      execFileSync(
        process.execPath,
        ['--input-type=module', '-e', script, folder, join(tempFolder(), 'a.zip')],
        { env: { ...process.env, TZ: zone }, encoding: 'utf8' },
      ).trim();
    expect(digestIn('Pacific/Auckland')).toBe(digestIn('America/Los_Angeles'));
  });

  test('changes with a byte, a name and an executable bit', async () => {
    const base = await zip(folderOf({ a: 'x', b: 'y' }));
    const program = folderOf({ a: 'x', b: 'y' });
    chmodSync(join(program, 'a'), 0o755);
    const others = [
      await zip(folderOf({ a: 'x', b: 'z' })),
      await zip(folderOf({ a: 'x', c: 'y' })),
      await zip(program),
    ];
    expect(new Set([base, ...others].map((made) => made.digest)).size).toBe(4);
  });

  test('over the limit is refused while it is written', async () => {
    const noise = Array.from({ length: 40_000 }, (_, n) => Math.sin(n).toString(36)).join('');
    const failed = zip(folderOf({ noise }), 10_000);
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(failed).rejects.toThrow(/larger than 10000 bytes/);
  });

  test('of a file that disappears is an error, not an endless wait', async () => {
    const files = [{ path: 'a', source: '/nonexistent/a', size: 1, executable: false }];
    await expect(writeArtifact(files, join(tempFolder(), 'a.zip'), 1000, never)).rejects.toThrow(/ENOENT/);
  });
});

describe('the files of an output folder', () => {
  const paths = (folder: string, max = 1000) => listOutput(folder, max).map((file) => file.path);

  test('are sorted, and leave git out at every level', () => {
    const folder = folderOf({
      'b/c.html': '',
      'a.html': '',
      '.git/config': '',
      'b/.git': '',
      '.well-known/x': '',
    });
    expect(paths(folder)).toEqual(['.well-known/x', 'a.html', 'b/c.html']);
  });

  test('include what links inside point to, files and folders', () => {
    const folder = folderOf({ 'real/page.html': 'page' });
    symlinkSync('real/page.html', join(folder, 'link.html'));
    symlinkSync('real', join(folder, 'again'));
    expect(paths(folder)).toEqual(['again/page.html', 'link.html', 'real/page.html']);
  });

  test('end where a link goes round', () => {
    const folder = folderOf({ 'a/page.html': '' });
    symlinkSync('..', join(folder, 'a', 'loop'));
    expect(paths(folder)).toEqual(['a/page.html']);
  });

  test.each([
    ['to a file of the system', '/etc/passwd', /"?link.*leaves the output folder/],
    ['to the folder above', '..', /leaves the output folder/],
    ['to nothing', 'missing', /link to nothing/],
  ])('a link %s is refused', (_name, target, message) => {
    const folder = folderOf({ 'index.html': '' });
    symlinkSync(target, join(folder, 'link'));
    expect(() => paths(folder)).toThrow(message);
  });

  test('a pipe is refused', () => {
    const folder = folderOf({ 'index.html': '' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(() => paths(folder)).toThrow(/neither a file nor a folder/);
  });

  test.each(['back\\slash', 'new\nline'])('the name %j is refused', (name) => {
    expect(() => paths(folderOf({ [name]: '' }))).toThrow(/cannot stand in an address/);
  });

  test('more than the limit are refused', () => {
    expect(() => paths(folderOf({ a: '', b: '', c: '' }), 2)).toThrow(/more than 2 files/);
  });
});
