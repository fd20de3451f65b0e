import { describe, expect, test } from 'vitest';
import { InvalidAllowListEntry } from '../../../shared/errors/net.ts';
import { parseAllowList } from '../../../shared/net/allow-list.ts';

describe('the operator’s allow-list', () => {
  const list = parseAllowList(['127.0.0.1:8080', '[::1]:8080', 'Git.Internal.:443', 'localhost:4000-4009']);

  test.each([
    ['127.0.0.1', 8080, true],
    ['127.0.0.1', 8081, false],
    ['127.0.0.2', 8080, false],
    ['[::1]', 8080, true],
    ['git.internal', 443, true],
    ['evil.git.internal', 443, false],
    ['localhost', 3999, false],
    ['localhost', 4000, true],
    ['localhost', 4009, true],
    ['localhost', 4010, false],
  ])('%s port %i: %s', (host, port, permitted) => {
    expect(list.permits(host, port)).toBe(permitted);
  });

  test('permits nothing when it is empty', () => {
    expect(parseAllowList([]).permits('127.0.0.1', 80)).toBe(false);
  });

  test.each([
    'localhost',
    'localhost:',
    'localhost:0',
    'localhost:65536',
    'localhost:20-10',
    '*',
    '*:80',
    ':80',
    'a b:80',
    'http://localhost:80',
    'user@localhost:80',
    'localhost:80/path',
    '::1:80',
    '[::1:80',
    '10.0.0.0/8:80',
  ])('refuses the entry "%s"', (entry) => {
    expect(() => parseAllowList([entry])).toThrow(InvalidAllowListEntry);
  });
});
