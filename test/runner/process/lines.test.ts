import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter, encodedBytes, SPLIT_MARK } from '../../../runner/process/lines.ts';

function split(chunks: readonly string[], maxBytes?: number): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line), maxBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.flush();
  return lines;
}

describe('what a line is', () => {
  test.each([
    ['two lines', 'a\nb\n', ['a', 'b']],
    ['a last line without a newline', 'a\nb', ['a', 'b']],
    ['empty lines', '\n\na\n', ['', '', 'a']],
    ['nothing', '', []],
    ['lines of Windows', 'a\r\nb\r\n', ['a', 'b']],
    ['a progress bar', '10%\r50%\r100%\n', ['100%']],
    ['a progress bar that ends with a carriage return', '10%\r100%\r', ['100%']],
    ['a carriage return and a Windows line end', 'old\rnew\r\r\n', ['new']],
    ['colours', '\u001b[31mred\u001b[0m\n', ['\u001b[31mred\u001b[0m']],
    ['a NUL', 'a\0b\n', ['a\u2400b']],
    ['other separators of Unicode', 'a\u2028b\u0085c\n', ['a\u2028b\u0085c']],
  ])('%s', (_name, text, lines) => {
    expect(split([text])).toEqual(lines);
  });

  test('a line that is too long is cut between characters, and every piece but the last is marked', () => {
    const line = '🚀'.repeat(100);
    const pieces = split([`${line}\nnext\n`], 100);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.at(-1)).toBe('next');
    const parts = pieces.slice(0, -1);
    expect(parts.slice(0, -1).every((piece) => piece.endsWith(SPLIT_MARK))).toBe(true);
    expect(parts.every((piece) => encodedBytes(piece) <= 100 && piece.isWellFormed())).toBe(true);
    expect(parts.join('').replaceAll(SPLIT_MARK, '')).toBe(line);
  });
});

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', '\0', 'x'.repeat(60), '\u001b[1m', 'é', '🚀'),
    fc.string({ unit: 'binary', maxLength: 20 }),
  ),
  { maxLength: 40 },
);

/** Cuts a text at the given places, never inside a character. */
function cutAt(text: string, places: readonly number[]): string[] {
  const characters = [...text];
  const at = [...new Set(places.map((place) => place % (characters.length + 1)))].sort((a, b) => a - b);
  const ends = [...at, characters.length];
  return ends.map((end, index) => characters.slice(ends[index - 1] ?? 0, end).join(''));
}

test('lines do not depend on where the chunks are cut', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(), { maxLength: 10 }), (parts, places) => {
      const text = parts.join('');
      expect(split(cutAt(text, places), 100)).toEqual(split([text], 100));
    }),
  );
});

test('without carriage returns and long lines, the lines are the text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !/[\r\n\0]/.test(line))),
      (lines) => {
        expect(split([lines.map((line) => `${line}\n`).join('')])).toEqual(lines);
      },
    ),
  );
});
