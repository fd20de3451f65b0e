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

/** Variable-length integers (7 bits a byte, low first): the spacing, then the differences. */
export function encodeMarks(marks: Marks): Uint8Array {
  const steps = marks.lines.map((line, i) => line - (marks.lines[i - 1] ?? 0));
  return Uint8Array.from([marks.every, ...steps].flatMap(toBytes));
}

export function decodeMarks(bytes: Uint8Array): Marks {
  const [every = NO_MARKS.every, ...steps] = fromBytes(bytes);
  let line = 0;
  return {
    every,
    lines: steps.map((step) => {
      line += step;
      return line;
    }),
  };
}

function toBytes(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...toBytes(Math.floor(value / 128))];
}

function fromBytes(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    values.push(value);
    value = 0;
    scale = 1;
  }
  return values;
}
