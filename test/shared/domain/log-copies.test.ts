import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutLines, withoutLinesIn } from '../../../shared/domain/log-copies.ts';
import { splitMessage } from '../../../shared/domain/log-text.ts';

/** Short words of few letters, the mark and parts of it among them: they overlap wherever they can. */
const word = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '[', ']', ' '), minLength: 1, maxLength: 6 }),
  fc.constantFrom('[purged]', '[pur', 'ged]', 'purged', 'urge'),
);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));

describe('a text without lines of a log', () => {
  test.each([
    ['Deploying with token-1234 failed.', ['token-1234'], 'Deploying with [purged] failed.'],
    ['token-1234', ['PASSWORD=token-1234'], '[purged]'],
    ['It says abcdef.', ['abcd', 'cdef'], 'It says [purged].'],
    ['It exited with 1.', ['1', 'on', ''], 'It exited with 1.'],
    ['It exited with 1.\nbuild 11\nbuild 12', ['build 99'], 'It exited with 1.\n[purged]'],
    ['The program that was to… of the log\nbuild 12', [], 'The program that was to\n[purged]'],
  ])('%j, of which %j are purged, says %j', (before, purged, after) => {
    expect(withoutLines(before, purged)).toBe(after);
  });

  test('is no longer after lines that are parts of the mark, however many of them there are', () => {
    const lines = Array.from({ length: 28 }, (_, i) => (i % 2 === 0 ? '[pur' : 'ged]'));
    expect(withoutLines('It printed [pur twice.', lines)).toBe('It printed [purged] twice.');
    expect(withoutLines('It was purged.', ['purged'])).toBe('It was [purged].');
    expect(withoutLines('It was [purged].', ['purged'])).toBe('It was [purged].');
  });

  test('is the same after the same again, and at most twice as long', () => {
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 6 }), (before, purged) => {
        const once = withoutLines(before, purged);
        expect(withoutLines(once, purged)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(Math.max(8, 2 * before.length));
      }),
    );
  });

  test('repeats nothing of a line that was split where the copy was not', () => {
    const secret = 'hunter2-of-the-data-base';
    const source = 'x'.repeat(64 * 1024 - 20) + secret + 'y'.repeat(1500);
    const parts = splitMessage(source);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.some((part) => part.includes(secret))).toBe(false);
    // As a runner cuts it: the first line, and the end of what its command printed.
    const copy = `The build command exited with 1.\n… ${source.slice(-1900)}`;
    expect(copy).toContain(secret);
    expect(withoutLines(copy, parts)).toBe('The build command exited with 1.\n[purged]');
  });

  test('is looked for in text for people only', () => {
    const record = { id: 'token-1234', stages: [{ name: 'build', message: 'token-1234 leaked' }] };
    expect(withoutLinesIn(record, ['token-1234'])).toEqual({
      id: 'token-1234',
      stages: [{ name: 'build', message: '[purged] leaked' }],
    });
  });
});
