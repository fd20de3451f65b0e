import { ByteReader, ByteWriter } from './log-bytes.ts';

/**
 * A few sampled positions of a chain: the first line of every `every`-th chunk. Every chunk carries them, so that
 * whoever has read the tail finds any line with one more query, in a log of any length.
 */
export interface Marks {
  readonly every: number;
  /** `lines[i]` is the first line of chunk `(i + 1) * every`. */
  readonly lines: readonly number[];
}

/** At most this many; one more, and every second is dropped. 16 cost about 35 bytes a chunk. */
const MOST = 16;

export const NO_MARKS: Marks = { every: 8, lines: [] };

/** The marks with chunk `chunk` (starting at line `first`) taken in; called for every chunk in order. */
export function withChunk(marks: Marks, chunk: number, first: number): Marks {
  if (chunk % marks.every !== 0) return marks;
  const lines = [...marks.lines, first];
  if (lines.length <= MOST) return { every: marks.every, lines };
  return { every: marks.every * 2, lines: lines.filter((_, i) => i % 2 === 1) };
}

/** The latest marked chunk that starts at or before the line; chunk 1 where none does. */
export function chunkBefore(marks: Marks, line: number): number {
  const found = marks.lines.findLastIndex((first) => first <= line);
  return found < 0 ? 1 : (found + 1) * marks.every;
}

/** The spacing, then the differences. */
export function encodeMarks(marks: Marks): Uint8Array {
  const bytes = new ByteWriter().number(marks.every);
  for (const [i, line] of marks.lines.entries()) bytes.number(line - (marks.lines[i - 1] ?? 0));
  return bytes.done();
}

export function decodeMarks(packed: Uint8Array): Marks {
  const bytes = new ByteReader(packed);
  const every = bytes.atEnd ? NO_MARKS.every : bytes.number();
  const lines: number[] = [];
  while (!bytes.atEnd) lines.push((lines.at(-1) ?? 0) + bytes.number());
  return { every, lines };
}
