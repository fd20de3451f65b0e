import * as z from 'zod/mini';
import type { LogLine } from '../domain/log.ts';
import { summaryOf } from '../domain/log-filter.ts';
import { LOG_DAYS } from '../domain/log-limits.ts';
import { NO_LINES_HASH } from '../domain/log-proof.ts';
import { LogDamaged } from '../errors/logs.ts';
import type { Item } from './engine.ts';
import { logChunkKey } from './keys.ts';
import { HEAD_IN_ATTRIBUTES, headOfAttributes, inAttributes, linesOfDeflate } from './log-attributes.ts';
import { type HeadFacts, packHead, unpackHead } from './log-chunk-head.ts';
import { decodeLines } from './log-columns.ts';
import { type Marks, NO_MARKS } from './log-marks.ts';

/**
 * Raised with any change of the stored shape below; readers know every number that was ever written. 2: says
 * who stands inside a private key. 3: the head is one attribute, and lines may be purged.
 */
export const LOG_SHAPE = 3;

/** Where a chain ends now: all that is needed to put the next chunk without reading anything. */
export interface LogTail
  extends Pick<HeadFacts, 'hash' | 'offsets' | 'bytes' | 'dropped' | 'keys' | 'keptDays'> {
  /** Number of the last chunk; 0 where nothing is stored. */
  readonly chunk: number;
  /** Number of the last line. */
  readonly lines: number;
  readonly marks: Marks;
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
  keptDays: LOG_DAYS.default,
  ended: false,
};

/** A stored chunk, or the end marker (which has no lines), without its lines: the tail as it was after it. */
export interface LogHead extends LogTail, HeadFacts {
  /** Seconds since the epoch; DynamoDB removes it some time after. */
  readonly expiresAt: number;
}

export interface LogChunk extends LogHead {
  /** The lines as they are stored: what a change of them is conditional on. */
  readonly data: Uint8Array;
  read(): LogLine[];
}

const bytes = z.instanceof(Uint8Array);
const key = { pk: z.string(), sk: z.string().check(z.regex(/^C#\d{8}$/)), expiresAt: z.number() };

/** Attribute names count for the price of an item, so these are short: `h` the packed head, `l` the packed lines. */
const packed = z.object({
  v: z.literal(LOG_SHAPE),
  kind: z.enum(['log', 'log-end']),
  h: bytes,
  l: z.optional(bytes),
});
const chunkItem = z.intersection(z.object(key), z.union([packed, inAttributes]));

/** All attributes but the lines, of every shape. */
export const HEAD_ATTRIBUTES = ['pk', 'sk', 'kind', 'v', 'expiresAt', 'h', ...HEAD_IN_ATTRIBUTES];

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
  const head = packHead({
    ...tail,
    first: tail.lines - lines.length + 1,
    ...summaryOf(lines),
    by,
    taken,
  });
  return { ...logChunkKey(deploymentId, tail.chunk), kind: 'log', v: LOG_SHAPE, h: head, l: data, expiresAt };
}

export function toEndItem(deploymentId: string, tail: LogTail, by: string, expiresAt: number): Item {
  const head = packHead({ ...tail, ...summaryOf([]), first: tail.lines + 1, by, taken: 0 });
  return { ...logChunkKey(deploymentId, tail.chunk), kind: 'log-end', v: LOG_SHAPE, h: head, expiresAt };
}

export const fromChunkItem = (item: Item): LogChunk => {
  const { head, data } = partsOf(item);
  if (data === undefined) throw damaged(item, new RangeError('It has no lines.'));
  const { count, first } = head;
  const decode = item['v'] === LOG_SHAPE ? decodeLines : linesOfDeflate;
  return { ...head, data, read: () => (count === 0 ? [] : decode(data, first)) };
};

/** Of an item that was read without its lines. */
export const fromHeadItem = (item: Item): LogHead => partsOf(item).head;

const NO_DATA = new Uint8Array();

function partsOf(item: Item): { readonly head: LogHead; readonly data: Uint8Array | undefined } {
  try {
    const stored = chunkItem.parse(item);
    const facts = stored.v === LOG_SHAPE ? unpackHead(stored.h) : headOfAttributes(stored);
    const ended = stored.kind === 'log-end';
    const lines = stored.v === LOG_SHAPE ? stored.l : 'lines' in stored ? stored.lines : undefined;
    return {
      head: {
        ...facts,
        chunk: Number(stored.sk.slice(2)),
        lines: facts.first - 1 + facts.count,
        ended,
        expiresAt: stored.expiresAt,
      },
      data: ended ? NO_DATA : lines,
    };
  } catch (cause) {
    throw damaged(item, cause);
  }
}

const damaged = (item: Item, cause: unknown) =>
  new LogDamaged(`The log chunk ${String(item['pk'])} ${String(item['sk'])} cannot be read.`, { cause });
