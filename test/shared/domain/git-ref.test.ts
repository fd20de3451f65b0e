import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branchName, commitId, gitRef } from '../../../shared/contracts/source.ts';
import { type GitRefType, isCommitId, parseGitRef } from '../../../shared/domain/git-ref.ts';
import { type GitRefFault, InvalidGitRef } from '../../../shared/errors/source.ts';

function faultOf(text: string, type?: GitRefType): GitRefFault | undefined {
  try {
    parseGitRef(text, type);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidGitRef) return error.reason;
    throw error;
  }
}

const sha1 = '0123456789abcdef0123456789abcdef01234567';
const sha256 = `${sha1}${sha1.slice(0, 24)}`;

describe('a ref', () => {
  test.each([
    'main',
    'feature/login',
    'v1.0.0',
    'HEAD',
    'refs/heads/main',
    'a',
    '@a',
    'a@',
    'grün',
    '#12',
    "it's",
  ])('%s is a name', (name) => {
    expect(parseGitRef(name)).toBe(name);
    expect(gitRef.safeParse(name).success).toBe(true);
  });

  test.each<[GitRefFault, string]>([
    ['empty', ''],
    ['too-long', 'a'.repeat(256)],
    ['option', '--upload-pack=x'],
    ['option', '-b'],
    ['characters', 'a b'],
    ['characters', 'a\nb'],
    ['characters', 'a\u0000'],
    ['characters', 'a\u007f'],
    ['characters', 'a~1'],
    ['characters', 'a^'],
    ['characters', 'a:b'],
    ['characters', 'a?'],
    ['characters', 'a*'],
    ['characters', 'a['],
    ['characters', 'a\\b'],
    ['characters', 'a\u202eb'],
    ['form', 'a..b'],
    ['form', '.a'],
    ['form', 'a/.b'],
    ['form', 'a.lock'],
    ['form', 'a.lock/b'],
    ['form', 'a.'],
    ['form', '/a'],
    ['form', 'a/'],
    ['form', 'a//b'],
    ['form', '@'],
    ['form', 'a@{1}'],
  ])('is refused (%s): %j', (reason, name) => {
    expect(faultOf(name)).toBe(reason);
    expect(faultOf(name, 'branch')).toBe(reason);
    expect(branchName.safeParse(name).error?.issues).toMatchObject([{ params: { reason } }]);
  });

  test('of type commit is a whole id, in lower case from then on', () => {
    expect(parseGitRef(sha1.toUpperCase(), 'commit')).toBe(sha1);
    expect(parseGitRef(sha256, 'commit')).toBe(sha256);
    expect(parseGitRef(sha1.toUpperCase())).toBe(sha1);
    expect(isCommitId(sha1)).toBe(true);
  });

  test.each<[GitRefFault, string]>([
    ['short-commit', sha1.slice(0, 7)],
    ['short-commit', sha1.slice(0, 39)],
    ['short-commit', `${sha1}a`],
    ['not-a-commit', 'main'],
    ['not-a-commit', `${sha256}a`],
    ['not-a-commit', ` ${sha1}`],
    ['not-a-commit', ''],
  ])('of type commit is refused (%s): %j', (reason, text) => {
    expect(faultOf(text, 'commit')).toBe(reason);
    expect(commitId.safeParse(text).error?.issues).toMatchObject([{ params: { reason } }]);
  });

  test('that we accept, git accepts as a branch', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '.',
      '..',
      '/',
      '@',
      '{',
      '.lock',
      '-',
      '~',
      ' ',
      '_',
      'é',
      '#',
      "'",
      '"',
    );
    const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (candidate) => {
        if (faultOf(candidate) !== undefined) return;
        const git = spawnSync('git', ['check-ref-format', `refs/heads/${candidate}`]);
        expect(git.status, candidate).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
