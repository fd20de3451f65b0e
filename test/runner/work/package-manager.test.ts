import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPackageJson } from '../../../runner/work/package-json.ts';
import { detectPackageManager, findLockFolder } from '../../../runner/work/package-manager.ts';
import { tempFolder, writeFiles } from '../fixtures.ts';

function detect(files: Readonly<Record<string, string>>) {
  const folder = tempFolder('project');
  writeFiles(folder, { 'package.json': '{}', ...files });
  const manager = detectPackageManager(folder, readPackageJson(folder) ?? {});
  const { provide } = manager;
  return [manager.installCommand, manager.buildCommand, provide && `${provide.package}@${provide.version}`];
}

const names = (packageManager: string) => ({ 'package.json': JSON.stringify({ packageManager }) });

test.each([
  ['npm', { 'package-lock.json': '{}' }, ['npm ci', 'npm run build', undefined]],
  ['npm with a shrinkwrap', { 'npm-shrinkwrap.json': '{}' }, ['npm ci', 'npm run build', undefined]],
  [
    'pnpm 9 and later',
    { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" },
    ['pnpm install --frozen-lockfile', 'pnpm run build', 'pnpm@10'],
  ],
  [
    'pnpm 8',
    { 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n" },
    ['pnpm install --frozen-lockfile', 'pnpm run build', 'pnpm@8'],
  ],
  [
    'the first yarn',
    { 'yarn.lock': '# yarn lockfile v1\n' },
    ['yarn install --frozen-lockfile', 'yarn run build', 'yarn@1'],
  ],
  [
    'a later yarn',
    { 'yarn.lock': '# generated\n\n__metadata:\n  version: 8\n' },
    ['yarn install --immutable', 'yarn run build', '@yarnpkg/cli-dist@4.9'],
  ],
  ['bun', { 'bun.lock': '{}' }, ['bun install --frozen-lockfile', 'bun run build', 'bun@1']],
  [
    'bun with its old lock file',
    { 'bun.lockb': '' },
    ['bun install --frozen-lockfile', 'bun run build', 'bun@1'],
  ],
  ['no lock file', {}, ['npm install', 'npm run build', undefined]],
  [
    'a named version',
    { ...names('pnpm@9.1.2+sha512.abc'), 'pnpm-lock.yaml': '' },
    ['pnpm install --frozen-lockfile', 'pnpm run build', 'pnpm@9.1.2'],
  ],
  [
    'two lock files and a named manager',
    { ...names('yarn@4.5.0'), 'yarn.lock': '', 'package-lock.json': '' },
    ['yarn install --immutable', 'yarn run build', '@yarnpkg/cli-dist@4.5.0'],
  ],
  [
    'a named version that is no version',
    { ...names('pnpm@--registry=x'), 'pnpm-lock.yaml': '' },
    ['pnpm install --frozen-lockfile', 'pnpm run build', 'pnpm@10'],
  ],
])('%s', (_name, files, expected) => {
  expect(detect(files)).toEqual(expected);
});

test('two lock files without a word about which one are refused', () => {
  expect(() => detect({ 'yarn.lock': '', 'package-lock.json': '' })).toThrow(/yarn.lock, package-lock.json/);
});

test('a package.json that cannot be read is refused', () => {
  expect(() => detect({ 'package.json': '{' })).toThrow(/not a valid package description/);
});

test('in a repository of many packages the lock file above counts', () => {
  const root = realpathSync(tempFolder('many'));
  writeFiles(root, { 'pnpm-lock.yaml': '', 'apps/web/package.json': '{}', 'apps/own/yarn.lock': '' });
  expect(findLockFolder(root, join(root, 'apps/web'))).toBe(root);
  expect(findLockFolder(root, join(root, 'apps/own'))).toBe(join(root, 'apps/own'));
  expect(findLockFolder(join(root, 'apps'), join(root, 'apps/web'))).toBe(join(root, 'apps/web'));
});
