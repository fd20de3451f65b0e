import { LOG_LEVELS, LOG_SOURCES, type LogLevel, type LogSource } from '../domain/log.ts';
import { ByteReader, ByteWriter } from './log-bytes.ts';
import { decodeMarks, encodeMarks, type Marks } from './log-marks.ts';

/** What is known of a chunk besides its lines. */
export interface HeadFacts {
  /** Number of its first line (of the next line, where it holds none). */
  readonly first: number;
  readonly count: number;
  /** Who wrote it, and how many of that producer's lines it took in: more than it holds where some were dropped. */
  readonly by: string;
  readonly taken: number;
  /** What its lines have, so that filters pass over it without unpacking them. */
  readonly levels: readonly LogLevel[];
  readonly sources: readonly LogSource[];
  readonly steps: readonly string[];
  /** Latest time of its lines, ms. */
  readonly until: number;
  /** For every producer: how many of its lines the chain has taken in. */
  readonly offsets: Readonly<Record<string, number>>;
  /** UTF-8 bytes of all messages so far. */
  readonly bytes: number;
  /** Lines that were counted and not kept, because the log had reached its limit. */
  readonly dropped: number;
  /** Running hash after its last line. */
  readonly hash: Uint8Array;
  readonly marks: Marks;
  /**
   * Producers whose last line stands inside a private key: how many lines more that may hide. Whoever masks the next
   * ones may be another process than who masked these.
   */
  readonly keys: Readonly<Record<string, number>>;
  /** How many days the lines of this log stay in the database after they were written. */
  readonly keptDays: number;
}

const HASH_BYTES = 32;

/** The head as one attribute of about 100 bytes; as attributes of their own it takes twice as many. */
export function packHead(head: HeadFacts): Uint8Array {
  const producers = Object.entries(head.offsets);
  const bytes = new ByteWriter()
    .number(head.first)
    .number(head.count)
    .number(head.taken)
    .number(head.bytes)
    .number(head.dropped)
    .number(bitsOf(LOG_LEVELS, head.levels))
    .number(bitsOf(LOG_SOURCES, head.sources))
    .number(head.until)
    .number(head.keptDays)
    .raw(head.hash)
    .number(producers.length);
  for (const [name, offset] of producers) bytes.text(name).number(offset);
  const inKeys = producers.flatMap(([name], i) => (head.keys[name] === undefined ? [] : [{ name, i }]));
  bytes.number(inKeys.length);
  for (const { name, i } of inKeys) bytes.number(i).number(head.keys[name] ?? 0);
  const place = producers.findIndex(([name]) => name === head.by);
  // Usually one of those just named; 0 says that its name follows.
  bytes.number(place + 1);
  if (place < 0) bytes.text(head.by);
  bytes.number(head.steps.length);
  for (const step of head.steps) bytes.text(step);
  return bytes.raw(encodeMarks(head.marks)).done();
}

/** @throws RangeError for what packHead has not packed */
export function unpackHead(packed: Uint8Array): HeadFacts {
  const bytes = new ByteReader(packed);
  const [first, count, taken, size, dropped] = [
    bytes.number(),
    bytes.number(),
    bytes.number(),
    bytes.number(),
    bytes.number(),
  ];
  const levels = ofBits(LOG_LEVELS, bytes.number());
  const sources = ofBits(LOG_SOURCES, bytes.number());
  const [until, keptDays] = [bytes.number(), bytes.number()];
  const hash = bytes.raw(HASH_BYTES);
  const producers = times(bytes.number(), () => [bytes.text(), bytes.number()] as const);
  const inKeys = times(bytes.number(), () => [producers[bytes.number()]?.[0] ?? '', bytes.number()] as const);
  const by = producers[bytes.number() - 1]?.[0] ?? bytes.text();
  const steps = times(bytes.number(), () => bytes.text());
  const marks = decodeMarks(bytes.rest());
  const offsets = Object.fromEntries(producers);
  return {
    ...{ first, count, by, taken, levels, sources, steps, until, keptDays },
    ...{ offsets, bytes: size, dropped, hash, marks },
    keys: Object.fromEntries(inKeys),
  };
}

const bitsOf = <T>(all: readonly T[], some: readonly T[]) =>
  all.reduce((bits, one, i) => (some.includes(one) ? bits + 2 ** i : bits), 0);
const ofBits = <T>(all: readonly T[], bits: number) =>
  all.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1);
const times = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);
