import type { LogEnd, LogLine } from '../domain/log.ts';
import { type LineFilter, type LinesSummary, matches, mayMatch } from '../domain/log-filter.ts';
import { MOST_HITS } from '../domain/log-hits.ts';
import type { LineRange } from '../domain/log-purge.ts';
import { withPurged } from './log-hash.ts';

/** Consecutive lines that are kept together: a chunk of the chain, or a member of the archive. */
export interface LogSegment extends LinesSummary {
  /** Number of the first line. */
  readonly first: number;
  read(): readonly LogLine[] | Promise<readonly LogLine[]>;
}

/** Where segments come from, in either direction, without a hole between them. */
export interface LogSegments {
  /** From the segment that holds `line` on; ends where the log ends for now, or where enough was looked at. */
  ascending(line: number): AsyncIterable<LogSegment>;
  /** From the segment that holds `line` (or the last one before it) back. */
  descending(line: number): AsyncIterable<LogSegment>;
  /** The end of the log, once what was read so far has shown that it is complete. */
  end(): LogEnd | undefined;
}

/** Which part of a log to read: forward from a line, backward from one, or the last ones. */
export type LogPlace = { readonly after: number } | { readonly before: number } | { readonly tail: true };

export interface LogQuery {
  readonly place: LogPlace;
  /** Lines that pass the filter, at most. */
  readonly limit: number;
  readonly filter?: LineFilter | undefined;
}

export interface LogRead {
  /** In the order of the log, whichever way they were read. */
  readonly lines: readonly LogLine[];
  /** The lines `from` to `through` were looked at, whether they passed the filter or not. */
  readonly from: number;
  readonly through: number;
  /** Present where the log is known to be complete. */
  readonly end?: LogEnd | undefined;
}

/**
 * A read ends early at so much text (characters): where each is escaped, twice, they are 7 bytes, and it still fits an
 * answer of a function (6 MB).
 */
const MOST_TEXT = 768 * 1024;
/** A hit of a search is answered with where it stands, which takes as much room as so many characters. */
const HIT_TEXT = 5;

export async function readSegments(
  segments: LogSegments,
  query: LogQuery,
  purged: readonly LineRange[] = [],
): Promise<LogRead> {
  const { place } = query;
  const wanted = { ...query, purged };
  const read =
    'after' in place
      ? await forward(segments, wanted, place.after)
      : await backward(segments, wanted, 'before' in place ? place.before : Number.MAX_SAFE_INTEGER);
  const end = segments.end();
  return end === undefined ? read : { ...read, end };
}

type Wanted = LogQuery & { readonly purged: readonly LineRange[] };

async function forward(segments: LogSegments, query: Wanted, after: number): Promise<LogRead> {
  const lines: LogLine[] = [];
  let through = after;
  let text = 0;
  for await (const segment of segments.ascending(after + 1)) {
    for (const line of await passing(segment, query)) {
      if (line.n <= after) continue;
      lines.push(line);
      text += roomOf(line, query.filter);
      if (lines.length >= query.limit || text > MOST_TEXT) return { lines, from: after + 1, through: line.n };
    }
    through = Math.max(through, segment.first + segment.count - 1);
  }
  return { lines, from: after + 1, through };
}

async function backward(segments: LogSegments, query: Wanted, before: number): Promise<LogRead> {
  const lines: LogLine[] = [];
  let from = before;
  let through = 0;
  let text = 0;
  for await (const segment of segments.descending(before - 1)) {
    through = Math.max(through, Math.min(before - 1, segment.first + segment.count - 1));
    for (const line of (await passing(segment, query)).toReversed()) {
      if (line.n >= before) continue;
      lines.push(line);
      text += roomOf(line, query.filter);
      if (lines.length >= query.limit || text > MOST_TEXT) {
        return { lines: lines.reverse(), from: line.n, through };
      }
    }
    from = Math.min(from, segment.first);
  }
  return { lines: lines.reverse(), from: Math.min(from, through + 1), through };
}

function roomOf({ message }: LogLine, filter: LineFilter | undefined): number {
  const { search } = filter ?? {};
  if (search === undefined) return message.length;
  return message.length + HIT_TEXT * Math.min(MOST_HITS, Math.ceil(message.length / search.length));
}

async function passing(segment: LogSegment, { filter, purged }: Wanted): Promise<readonly LogLine[]> {
  if (segment.count === 0 || (filter !== undefined && !mayMatch(filter, segment))) return [];
  // Before the filter looks at them: a search must not find what was purged.
  const lines = withPurged(await segment.read(), purged);
  return filter === undefined ? lines : lines.filter((line) => matches(filter, line));
}
