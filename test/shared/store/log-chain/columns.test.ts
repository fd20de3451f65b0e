import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitMessage } from '../../../../shared/domain/log-text.ts';
import { takePiece } from '../../../../shared/store/log-batch.ts';
import { decodeLines, encodeLines } from '../../../../shared/store/log-columns.ts';
import {
  chunkBefore,
  decodeMarks,
  encodeMarks,
  type Marks,
  NO_MARKS,
  withChunk,
} from '../../../../shared/store/log-marks.ts';
import { anyLine, messages, withNumbers } from './lines.ts';

test('whatever lines go into a chunk come out of it', () => {
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 50 }), fc.nat(), (lines, first) => {
      const stored = withNumbers(lines, first);
      expect(decodeLines(encodeLines(stored), first)).toEqual(stored);
    }),
  );
});

test('a message within the limit stays whole; a longer one is cut between characters, visibly on both sides', () => {
  expect(splitMessage('x'.repeat(65_536))).toEqual(['x'.repeat(65_536)]);

  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'ä', '€', '💥'), { minLength: 20_000, maxLength: 60_000, size: 'max' }),
      (characters) => {
        const message = characters.join('');
        const parts = splitMessage(message);
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(65_536);
        expect(parts.join('').replaceAll('……', '')).toBe(message);
      },
    ),
    { numRuns: 20 },
  );
});

test('a line of megabytes is cut at a quarter of one, with a mark at its end', () => {
  const line = {
    at: 0,
    level: 'info',
    step: 'build',
    source: 'deploy',
    message: 'y'.repeat(5_000_000),
  } as const;
  const { lines, taken } = takePiece([line], { lines: 0, bytes: 0, dropped: 0 }, { bytes: 1e9, lines: 1e9 });
  expect(taken).toBe(1);
  expect(messages(lines).join('').length).toBeLessThan(270_000);
  expect(lines.at(-1)?.message.endsWith('…')).toBe(true);
  for (const { message } of lines) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(65_536);
});

test('marks lead to a chunk at or before any line, close by, in a chain of any length', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 600 }), (counts) => {
      const starts: number[] = [];
      let marks: Marks = NO_MARKS;
      let line = 1;
      for (const [i, count] of counts.entries()) {
        starts.push(line);
        marks = withChunk(marks, i + 1, line);
        line += count;
      }
      expect(marks.lines.length).toBeLessThanOrEqual(16);
      expect(decodeMarks(encodeMarks(marks))).toEqual(marks);
      for (const wanted of [1, Math.ceil(line / 2), line]) {
        const chunk = chunkBefore(marks, wanted);
        expect(starts[chunk - 1]).toBeLessThanOrEqual(wanted);
        // The chunk that holds the line is less than one spacing further on.
        const after = starts[chunk - 1 + marks.every];
        if (after !== undefined && chunk > 1) expect(after).toBeGreaterThan(wanted - 1);
      }
    }),
  );
});
