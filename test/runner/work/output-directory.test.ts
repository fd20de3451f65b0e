import { realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findOutputDirectory, type OutputQuestion } from '../../../runner/work/output-directory.ts';
import { readPackageJson } from '../../../runner/work/package-json.ts';
import { tempFolder, writeFiles } from '../fixtures.ts';

interface Situation {
  /** Files of the clone. */
  readonly before: Readonly<Record<string, string>>;
  /** Files that the build writes. */
  readonly after?: Readonly<Record<string, string>>;
  readonly question?: Partial<OutputQuestion>;
}

async function find({ before, after, question = {} }: Situation): Promise<string> {
  const folder = realpathSync(tempFolder('built'));
  writeFiles(folder, before);
  let builtAt: number | undefined;
  if (after !== undefined) {
    await sleep(20);
    writeFileSync(join(folder, '.marker'), '');
    builtAt = statSync(join(folder, '.marker')).ctimeMs;
    await sleep(20);
    writeFiles(folder, after);
  }
  const found = findOutputDirectory({
    folder,
    repository: folder,
    given: undefined,
    framework: undefined,
    description: readPackageJson(folder),
    builtAt,
    ...question,
  });
  return found.slice(folder.length + 1);
}

const uses = (...names: string[]) => ({
  'package.json': JSON.stringify({ devDependencies: Object.fromEntries(names.map((name) => [name, '1'])) }),
});

test.each<[string, Situation, string]>([
  ['what is configured', { before: {}, after: { 'x/y/a': '' }, question: { given: 'x/y' } }, 'x/y'],
  [
    'the folder of the framework',
    { before: uses('@11ty/eleventy'), after: { '_site/index.html': '', 'dist/a.js': '' } },
    '_site',
  ],
  [
    'the folder of the wrapping framework',
    { before: uses('vite', '@sveltejs/kit'), after: { 'build/a': '', 'dist/a': '' } },
    'build',
  ],
  [
    'the folder of the configured framework',
    { before: {}, after: { 'out/a': '', 'dist/a': '' }, question: { framework: 'next' } },
    'out',
  ],
  ['a usual name', { before: uses('nothing-known'), after: { 'build/index.html': '' } }, 'build'],
  [
    'the one with a page, of two',
    { before: {}, after: { 'dist/lib.js': '', '_site/index.html': '' } },
    '_site',
  ],
  [
    'not a source folder that was there before',
    { before: { 'public/icon.png': '' }, after: { 'site/index.html': '' } },
    'site',
  ],
  [
    'a folder that was there before, if the build wrote to it',
    { before: { 'dist/.gitkeep': '' }, after: { 'dist/a': '' } },
    'dist',
  ],
  ['the whole folder where there is nothing to build', { before: { 'page.html': '' } }, ''],
  [
    'public/ where the project has tools and no build',
    { before: { ...uses(), 'public/index.html': '' } },
    'public',
  ],
])('is %s', async (_name, situation, folder) => {
  expect(await find(situation)).toBe(folder);
});

test.each<[string, Situation, RegExp]>([
  ['not there', { before: {}, after: {}, question: { given: 'dist' } }, /no output folder "dist"/],
  ['a file', { before: {}, after: { dist: '' }, question: { given: 'dist' } }, /no output folder "dist"/],
  [
    'nowhere to be found',
    { before: uses('vite'), after: { 'elsewhere/a': '' } },
    /none of the usual output folders \(dist, /,
  ],
  ['above the repository', { before: {}, after: {}, question: { given: '../..' } }, /outside the repository/],
  ['absolute', { before: {}, after: {}, question: { given: '/etc' } }, /outside the repository/],
  ['unknown without a build', { before: uses() }, /no build script/],
])('%s is INVALID_CONFIG', async (_name, situation, message) => {
  const failed = find(situation);
  await expect(failed).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  await expect(failed).rejects.toThrow(message);
});

test('a link that leads out of the repository is refused, configured or found', () => {
  const folder = realpathSync(tempFolder('linked'));
  symlinkSync('/etc', join(folder, 'dist'));
  const question = { folder, repository: folder, framework: undefined, description: undefined, builtAt: 0 };
  expect(() => findOutputDirectory({ ...question, given: 'dist' })).toThrow(/outside the repository/);
  expect(() => findOutputDirectory({ ...question, given: undefined })).toThrow(/outside the repository/);
});
