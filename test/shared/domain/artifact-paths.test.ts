import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PathSet, pathProblem } from '../../../shared/domain/artifact-paths.ts';

const segment = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'b'), fc.string());
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));

test('a path that is accepted lies inside its folder, whatever resolves it', () => {
  fc.assert(
    fc.property(path, (given) => {
      if (pathProblem(given) !== undefined) return;
      const resolved = posix.resolve('/safe', given);
      expect(resolved.startsWith('/safe/')).toBe(true);
      expect(posix.normalize(given)).toBe(given);
    }),
  );
});

describe('paths that some file system takes for one', () => {
  test.each([
    [['a', 'a']],
    [['a', 'A']],
    [['é', 'e\u0301']],
    [['É', 'e\u0301']],
    [['a', 'a/b']],
    [['a/b', 'a']],
    [['a/', 'a']],
    [['a', 'a/']],
    [['Dir/x', 'dir']],
  ])('%o collide', (paths) => {
    const set = new PathSet();
    expect(paths.map((each) => set.add(each) === undefined)).toEqual([true, false]);
  });

  test.each([[['a/b', 'a/c']], [['a/', 'a/b']], [['a/b', 'a/']], [['a', 'ab']]])('%o do not', (paths) => {
    const set = new PathSet();
    expect(paths.map((each) => set.add(each))).toEqual([undefined, undefined]);
  });
});
