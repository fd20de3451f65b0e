import { lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockWorkDir } from '../../runner/lock.ts';
import { tempFolder } from './fixtures.ts';

const NOBODY = 65_534;

test('a second runner in one folder is refused, and the next one is not', () => {
  const workDir = join(tempFolder(), 'work');
  const unlock = lockWorkDir(workDir);
  expect(() => lockWorkDir(workDir)).toThrow(/process \d+ uses it/);
  unlock();
  lockWorkDir(workDir)();
});

test('a link of one’s own to a work folder is followed', () => {
  const shared = tempFolder();
  mkdirSync(join(shared, 'large-disk'));
  symlinkSync(join(shared, 'large-disk'), join(shared, 'work'));
  lockWorkDir(join(shared, 'work'))();
});

if (process.getuid?.() === 0)
  test('a link that somebody else made to a folder of ours is refused', () => {
    const shared = tempFolder();
    mkdirSync(join(shared, 'documents', 'jobs'), { recursive: true });
    const link = join(shared, 'slipway-runner-0');
    symlinkSync(join(shared, 'documents'), link);
    lchownSync(link, NOBODY, NOBODY);
    expect(() => lockWorkDir(link)).toThrow(/not this user's alone/);
  });
