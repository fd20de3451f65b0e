import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LeavesFolder, resolveInside } from '../../../runner/work/inside.ts';
import { tempFolder, writeFiles } from '../fixtures.ts';

function tree(): string {
  const root = join(realpathSync(tempFolder('inside')), 'root');
  writeFiles(root, { 'a/b/file': 'x', 'c/other': 'y' });
  mkdirSync(join(root, '..', 'root-neighbour'));
  symlinkSync('a/b', join(root, 'down'));
  symlinkSync('../..', join(root, 'a', 'b', 'up'));
  symlinkSync(join(root, 'c'), join(root, 'absolute'));
  symlinkSync('..', join(root, 'out'));
  symlinkSync('../root-neighbour', join(root, 'neighbour'));
  symlinkSync('/etc', join(root, 'system'));
  symlinkSync('down/../../..', join(root, 'crooked'));
  symlinkSync('circle', join(root, 'circle'));
  symlinkSync('../outside/new', join(root, 'dangling'));
  return root;
}

test.each([
  ['', ''],
  ['a/b', 'a/b'],
  ['./a//b/', 'a/b'],
  ['a/../c', 'c'],
  ['down/file', 'a/b/file'],
  ['down/up/c', 'c'],
  ['absolute/other', 'c/other'],
  ['new/folder', 'new/folder'],
])('%j stays inside', (path, real) => {
  const root = tree();
  expect(resolveInside(root, path)).toBe(join(root, real));
});

test.each([
  '..',
  '../root',
  'a/../../root/a',
  '/etc/passwd',
  'out',
  'out/root/a',
  'neighbour',
  'system/passwd',
  'down/up/../x',
  'crooked',
  'circle',
  'dangling',
])('%j leaves', (path) => {
  const root = tree();
  expect(() => resolveInside(root, path)).toThrow(LeavesFolder);
});
