import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintOf } from '../../../local/deploy/fingerprint.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-fingerprint-'));
  await mkdir(join(root, 'functions', 'api'), { recursive: true });
  await writeFile(join(root, 'functions', 'api', 'main.ts'), 'one');
  await writeFile(join(root, 'package-lock.json'), '{}');
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

test('the same sources and settings have the same fingerprint, in whatever order settings are named', async () => {
  expect(await fingerprintOf(root, { a: '1', b: '2' })).toBe(await fingerprintOf(root, { b: '2', a: '1' }));
});

const changes: [string, () => Promise<unknown>][] = [
  ['a changed file', () => writeFile(join(root, 'functions', 'api', 'main.ts'), 'two')],
  ['a further file', () => writeFile(join(root, 'functions', 'api', 'more.ts'), '')],
  ['a removed file', () => rm(join(root, 'functions', 'api', 'main.ts'))],
  ['another package', () => writeFile(join(root, 'package-lock.json'), '{"packages": {}}')],
];

test.each(changes)('%s is another fingerprint', async (_, change) => {
  const before = await fingerprintOf(root, {});
  await change();
  expect(await fingerprintOf(root, {})).not.toBe(before);
});

test('another setting is another fingerprint, a file that no synth reads is not', async () => {
  const before = await fingerprintOf(root, { port: '1' });
  expect(await fingerprintOf(root, { port: '2' })).not.toBe(before);
  await writeFile(join(root, 'README.md'), 'words');
  expect(await fingerprintOf(root, { port: '1' })).toBe(before);
});
