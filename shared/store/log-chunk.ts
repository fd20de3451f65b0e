import * as z from 'zod/mini';
import { LOG_SOURCES, type LogLevel, type LogLine, type LogSource } from '../domain/log.ts';
import { NO_LINES_HASH } from '../domain/log-proof.ts';
import { LogDamaged } from '../errors/logs.ts';
import type { Item } from './engine.ts';
import { logChunkKey } from './keys.ts';
import { decodeLines } from './log-columns.ts';
import { decodeMarks, encodeMarks, type Marks, NO_MARKS } from './log-marks.ts';

/** Raised with any change of the stored shape below; readers know every number that was ever written. */
export const LOG_SHAPE = 2;
/** Of version 1, which knew no `keys`. */
const SHAPES = [1, LOG_SHAPE] as const;

/** Where a chain ends now: all that is needed to put the next chunk without reading anything. */
export interface LogTail {
  /** Number of the last chunk; 0 where nothing is stored. */
  readonly chunk: number;
  /** Number of the last line. */
  readonly lines: number;
  /** Running hash after it. */
  readonly hash: Uint8Array;
  /** For every producer: how many of its lines the chain has taken in. */
  readonly offsets: Readonly<Record<string, number>>;
  /** UTF-8 bytes of all messages so far. */
  readonly bytes: number;
  /** Lines that were counted and not kept, because the log had reached its limit. */
  readonly dropped: number;
  readonly marks: Marks;
  /**
   * Producers whose last line stands inside a private key: how many lines more that may hide. Whoever masks the next
   * ones may be another process than who masked these.
   */
  readonly keys: Readonly<Record<string, number>>;
  /** True for the end marker: nothing comes after it. */
  readonly ended: boolean;
}

export const EMPTY_TAIL: LogTail = {
  chunk: 0,
  lines: 0,
  hash: NO_LINES_HASH,
  offsets: {},
  bytes: 0,
  dropped: 0,
  marks: NO_MARKS,
  keys: {},
  ended: false,
};

/** A stored chunk, or the end marker (which has no lines): the tail as it was after it, and what it holds. */
export interface LogChunk extends LogTail {
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
  readonly expiresAt: number;
  read(): LogLine[];
}

const bytes = z.instanceof(Uint8Array);
const common = {
  pk: z.string(),
  sk: z.string().check(z.regex(/^C#\d{8}$/)),
  v: z.literal(SHAPES),
  first: z.number(),
  by: z.string(),
  offsets: z.record(z.string(), z.number()),
  bytes: z.number(),
  dropped: z.optional(z.number()),
  hash: bytes,
  marks: bytes,
  keys: z.optional(z.record(z.string(), z.number())),
  expiresAt: z.number(),
};

/** Attribute names count for the price of an item: they are short, and what is usual is left out. */
const chunkItem = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('log'),
    count: z.number(),
    /** Absent: as many as `count`. */
    taken: z.optional(z.number()),
    levels: z.string(),
    sources: z.string(),
    steps: z.array(z.string()),
    until: z.number(),
    lines: bytes,
  }),
  z.strictObject({ ...common, kind: z.literal('log-end') }),
]);

const LEVELS: Readonly<Record<string, LogLevel>> = { d: 'debug', i: 'info', w: 'warn', e: 'error' };

/** What a new chunk takes in. */
export interface ChunkContent {
  readonly by: string;
  readonly taken: number;
  readonly lines: readonly LogLine[];
  /** The lines as `encodeLines` packs them. */
  readonly data: Uint8Array;
  readonly expiresAt: number;
}

export function toChunkItem(deploymentId: string, tail: LogTail, content: ChunkContent): Item {
  const { by, taken, lines, data, expiresAt } = content;
  return {
    ...tailAttributes(deploymentId, tail),
    kind: 'log',
    first: tail.lines - lines.length + 1,
    by,
    count: lines.length,
    taken: taken === lines.length ? undefined : taken,
    levels: distinct(lines.map((line) => line.level.charAt(0))).join(''),
    sources: distinct(lines.map((line) => line.source.charAt(0))).join(''),
    steps: distinct(lines.map((line) => line.step)),
    until: lines.reduce((latest, line) => Math.max(latest, line.at), 0),
    lines: data,
    expiresAt,
  };
}

export function toEndItem(deploymentId: string, tail: LogTail, by: string, expiresAt: number): Item {
  return { ...tailAttributes(deploymentId, tail), kind: 'log-end', first: tail.lines + 1, by, expiresAt };
}

function tailAttributes(deploymentId: string, tail: LogTail): Item {
  return {
    ...logChunkKey(deploymentId, tail.chunk),
    v: LOG_SHAPE,
    offsets: tail.offsets,
    bytes: tail.bytes,
    dropped: tail.dropped === 0 ? undefined : tail.dropped,
    hash: tail.hash,
    marks: encodeMarks(tail.marks),
    keys: Object.keys(tail.keys).length === 0 ? undefined : tail.keys,
  };
}

export function fromChunkItem(item: Item): LogChunk {
  const parsed = chunkItem.safeParse(item);
  if (!parsed.success) {
    throw new LogDamaged(`The log chunk ${String(item['pk'])} ${String(item['sk'])} cannot be read.`, {
      cause: parsed.error,
    });
  }
  const stored = parsed.data;
  const lines = stored.kind === 'log' ? stored.count : 0;
  const tail: LogTail = {
    chunk: Number(stored.sk.slice(2)),
    lines: stored.first - 1 + lines,
    hash: stored.hash,
    offsets: stored.offsets,
    bytes: stored.bytes,
    dropped: stored.dropped ?? 0,
    marks: decodeMarks(stored.marks),
    keys: stored.keys ?? {},
    ended: stored.kind === 'log-end',
  };
  const { first, by, expiresAt } = stored;
  if (stored.kind === 'log-end') {
    return {
      ...tail,
      first,
      by,
      expiresAt,
      count: 0,
      taken: 0,
      levels: [],
      sources: [],
      steps: [],
      until: 0,
      read: () => [],
    };
  }
  return {
    ...tail,
    first,
    by,
    expiresAt,
    count: stored.count,
    taken: stored.taken ?? stored.count,
    levels: Array.from(stored.levels, (letter) => LEVELS[letter] ?? 'info'),
    sources: LOG_SOURCES.filter((source) => stored.sources.includes(source.charAt(0))),
    steps: stored.steps,
    until: stored.until,
    read: () => (stored.count === 0 ? [] : decodeLines(stored.lines, first)),
  };
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)];
