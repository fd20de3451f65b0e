import type { LogPage, LogsQuery } from '../../shared/contracts/logs.ts';
import type { LineFilter } from '../../shared/domain/log-filter.ts';
import { hitsIn } from '../../shared/domain/log-hits.ts';
import type { LogPurge } from '../../shared/domain/log-purge.ts';
import { lineView } from '../../shared/platform/frames.ts';
import type { LogQuery, LogRead } from '../../shared/store/log-read.ts';
import { ok } from '../http/reply.ts';
import type { Headers } from '../http/request.ts';
import type { Reply } from '../http/route.ts';
import { rawReply, wantedFormat } from './log-formats.ts';

/** The place and the filter that a query names. */
export function logQuery({ after, before, tail, limit, ...wanted }: LogsQuery): LogQuery {
  const filter = lineFilter(wanted);
  if (tail !== undefined) return { place: { tail: true }, limit: tail, filter };
  if (before !== undefined) return { place: { before }, limit, filter };
  return { place: { after: after ?? 0 }, limit, filter };
}

/** Which lines a query wants; undefined: all. */
export function lineFilter({
  level,
  step,
  source,
  since,
  search,
}: Pick<LogsQuery, 'level' | 'step' | 'source' | 'since' | 'search'>): LineFilter | undefined {
  const wanted = { level, step, source, since: since === undefined ? undefined : Date.parse(since), search };
  return Object.values(wanted).some((value) => value !== undefined) ? wanted : undefined;
}

/** Nothing can come after what was read. */
export const isComplete = ({ end, through }: LogRead) => end !== undefined && through >= end.lines;

/**
 * A page of lines, in the form that the caller accepts. It has a tag, and yet no browser writes it down: a purge could
 * not reach it there.
 */
export function logReply(read: LogRead, query: LogQuery, headers: Headers): Reply {
  const page = pageOf(read, query);
  const format = wantedFormat(headers['accept']);
  const reply = format === 'json' ? ok(page) : rawReply(page, format);
  return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store' } };
}

function pageOf(read: LogRead, { filter }: LogQuery): LogPage {
  const { search } = filter ?? {};
  return {
    items: read.lines.map((line) => ({
      ...lineView(line),
      ...(search === undefined ? {} : { hits: hitsIn(line.message, search) }),
    })),
    ...(isComplete(read) ? {} : { nextCursor: String(read.through) }),
    ...(read.from > 1 ? { previousCursor: String(read.from) } : {}),
    ...(filter === undefined ? {} : { scanned: { from: read.from, to: read.through } }),
    ...(read.end === undefined ? {} : { end: read.end }),
  };
}

/** `doneAt` is when it was carried out, `checkedAt` when that was looked at once more. */
export const viewOfPurge = ({ from, to, reason, by, at, rewrittenAt, doneAt }: LogPurge) => ({
  ...{ from, to, reason, by, at },
  ...(rewrittenAt === undefined ? {} : { doneAt: rewrittenAt }),
  ...(doneAt === undefined ? {} : { checkedAt: doneAt }),
});
