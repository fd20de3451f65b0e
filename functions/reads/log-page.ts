import type { LogPage, LogsQuery } from '../../shared/contracts/logs.ts';
import type { LineFilter } from '../../shared/domain/log-filter.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { lineView } from '../../shared/platform/frames.ts';
import type { LogQuery, LogRead } from '../../shared/store/log-read.ts';
import { ok } from '../http/reply.ts';
import type { Headers } from '../http/request.ts';
import type { Reply } from '../http/route.ts';

const NDJSON = 'application/x-ndjson';

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

/** The end marker is written and the archive is there. */
export const isClosed = (deployment: Deployment) => 'finishedAt' in deployment && deployment.closing !== true;

/** Nothing can come after what was read. */
export const isComplete = ({ end, through }: LogRead) => end !== undefined && through >= end.lines;

/** A page of lines, in the form that the caller accepts. */
export function logReply(read: LogRead, headers: Headers): Reply {
  const page = pageOf(read);
  return wantsNdjson(headers) ? ndjsonReply(page) : ok(page);
}

export const wantsNdjson = (headers: Headers) =>
  (headers['accept'] ?? '').split(',').some((type) => type.split(';', 1)[0]?.trim().toLowerCase() === NDJSON);

function pageOf(read: LogRead): LogPage {
  return {
    items: read.lines.map(lineView),
    ...(isComplete(read) ? {} : { nextCursor: String(read.through) }),
    ...(read.from > 1 ? { previousCursor: String(read.from) } : {}),
    ...(read.end === undefined ? {} : { end: read.end }),
  };
}

/** Without the page around them, the cursors stand in headers. */
function ndjsonReply(page: LogPage): Reply {
  return {
    status: 200,
    headers: {
      ...(page.nextCursor === undefined ? {} : { 'slipway-next-cursor': page.nextCursor }),
      ...(page.previousCursor === undefined ? {} : { 'slipway-previous-cursor': page.previousCursor }),
    },
    tagged: {},
    raw: { contentType: NDJSON, content: page.items.map((line) => `${JSON.stringify(line)}\n`).join('') },
  };
}
