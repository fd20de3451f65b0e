import { inflateRawSync } from 'node:zlib';
import * as z from 'zod/mini';
import { LOG_LEVELS, LOG_SOURCES, type LogLine } from '../domain/log.ts';
import { LOG_DAYS } from '../domain/log-limits.ts';
import type { HeadFacts } from './log-chunk-head.ts';
import { unescapeMessage } from './log-columns.ts';
import { decodeMarks } from './log-marks.ts';

const bytes = z.instanceof(Uint8Array);
const common = {
  v: z.literal([1, 2]),
  first: z.number(),
  by: z.string(),
  offsets: z.record(z.string(), z.number()),
  bytes: z.number(),
  dropped: z.optional(z.number()),
  hash: bytes,
  marks: bytes,
  /** Version 1 did not say which producer stood inside a private key. */
  keys: z.optional(z.record(z.string(), z.number())),
};

/** How versions 1 and 2 stored chunks, before their head was packed: an attribute for each part of it. */
export const inAttributes = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('log'),
    count: z.number(),
    /** Absent: as many as `count`. */
    taken: z.optional(z.number()),
    levels: z.string(),
    sources: z.string(),
    steps: z.array(z.string()),
    until: z.number(),
    lines: z.optional(bytes),
  }),
  z.object({ ...common, kind: z.literal('log-end') }),
]);

/** The names of all that such a head is made of. */
export const HEAD_IN_ATTRIBUTES = [
  ...['first', 'by', 'offsets', 'bytes', 'dropped', 'hash', 'marks', 'keys'],
  ...['count', 'taken', 'levels', 'sources', 'steps', 'until'],
];

export function headOfAttributes(stored: z.infer<typeof inAttributes>): HeadFacts {
  const { first, by, offsets, hash, dropped = 0, keys = {} } = stored;
  const common = {
    ...{ first, by, offsets, bytes: stored.bytes, dropped, hash },
    marks: decodeMarks(stored.marks),
    keys,
    keptDays: LOG_DAYS.default,
  };
  if (stored.kind === 'log-end')
    return { ...common, count: 0, taken: 0, levels: [], sources: [], steps: [], until: 0 };
  const { count, taken = count, levels, sources, steps, until } = stored;
  return {
    ...common,
    count,
    taken,
    // By their first letters.
    levels: LOG_LEVELS.filter((level) => levels.includes(level.charAt(0))),
    sources: LOG_SOURCES.filter((source) => sources.includes(source.charAt(0))),
    steps,
    until,
  };
}

/** Its lines: a line of JSON with the columns that are not text, then one message a line, as raw deflate. */
const columns = z.object({
  /** Milliseconds since the line before; the first is absolute. */
  t: z.array(z.number()),
  /** First letter of each level. */
  l: z.string(),
  /** Runs: step, how many lines, step, how many lines... */
  s: z.array(z.union([z.string(), z.number()])),
  o: z.array(z.union([z.string(), z.number()])),
});

export function linesOfDeflate(data: Uint8Array, first: number): LogLine[] {
  const [head, ...messages] = inflateRawSync(data).toString('utf8').split('\n');
  const { t, l, s, o } = columns.parse(JSON.parse(head ?? ''));
  const steps = fromRuns(s);
  const sources = fromRuns(o);
  let at = 0;
  return messages.map((message, i) => {
    at += t[i] ?? 0;
    return {
      n: first + i,
      at,
      level: LOG_LEVELS.find((level) => level.startsWith(l.charAt(i))) ?? 'info',
      step: steps[i] ?? '',
      source: LOG_SOURCES.find((source) => source === sources[i]) ?? 'system',
      message: unescapeMessage(message),
    };
  });
}

function fromRuns(runs: readonly (string | number)[]): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < runs.length; i += 2) {
    for (let count = Number(runs[i + 1]); count > 0; count -= 1) values.push(String(runs[i]));
  }
  return values;
}
