import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createLineSplitter,
  linesOf,
  oneLine,
  SPLIT_MARK,
  splitMessage,
} from '../../../shared/domain/log-text.ts';

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
    ['half a character', 'a\ud83d\n', ['a\ufffd']],
    ['a NUL', 'a\0b\n', ['a\u2400b']],
    ['other separators of Unicode', 'a\u2028b\u0085c\n', ['a\u2028b\u0085c']],
  ])('%s', (_name, text, lines) => {
    expect(split([text])).toEqual(lines);
  });

  test('a line that is too long is cut between characters, and each cut is marked on both sides', () => {
    const line = '🚀'.repeat(100);
    const pieces = split([`${line}\nnext\n`], 100);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.at(-1)).toBe('next');
    const parts = pieces.slice(0, -1);
    expect(parts.slice(0, -1).every((piece) => piece.endsWith(SPLIT_MARK))).toBe(true);
    expect(parts.slice(1).every((piece) => piece.startsWith(SPLIT_MARK))).toBe(true);
    expect(parts.every((piece) => Buffer.byteLength(piece) <= 100 && piece.isWellFormed())).toBe(true);
    expect(parts.join('').replaceAll(SPLIT_MARK, '')).toBe(line);
  });

  test('a line of exactly 64 KB stays whole, and so does a colourful one that is longer as JSON', () => {
    const whole = 'é'.repeat(32 * 1024);
    expect(split([`${whole}\n`])).toEqual([whole]);
    expect(split([`${whole}x\n`])).toHaveLength(2);
    const colourful = '\u001b[31mred\u001b[0m '.repeat(4_000);
    expect(Buffer.byteLength(JSON.stringify(colourful))).toBeGreaterThan(65_536);
    expect(split([`${colourful}\n`])).toEqual([colourful]);
  });
});

test('a line is cut in the same places while it comes and when it is there, so what a runner cut is not cut again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'é', '€', '🚀', '…'), { maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      (characters, places) => {
        const line = characters.join('');
        const parts = split(cutAt(line, places), 50);
        expect(parts).toEqual(line === '' ? [] : splitMessage(line, 50));
        expect(parts.flatMap((part) => splitMessage(part, 50))).toEqual(parts);
      },
    ),
  );
});

test.each([
  ['', ['']],
  ['one', ['one']],
  ['one\ntwo\n', ['one', 'two']],
  ['one\r\n\r\ntwo', ['one', '', 'two']],
  ['10%\r50%\r100%', ['100%']],
  ['a\0b', ['a\u2400b']],
])('the text %j has the lines %j', (text, lines) => {
  expect(linesOf(text)).toEqual(lines);
});

test('what has to be one line shows what would end it, take it back or cut it off', () => {
  expect(oneLine('a\0b\rc\nd\u001b[31m')).toBe('a\u2400b\u240dc\u240ad\u001b[31m');
  expect(linesOf(oneLine('a\0b\rc\r\nd\n'))).toHaveLength(1);
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
