import { type LogPage, type LogsQuery, logPage, logsQuery } from '../../../shared/contracts/logs.ts';
import type { LineFilter } from '../../../shared/domain/log-filter.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { lineView } from '../../../shared/platform/frames.ts';
import { archiveKey } from '../../../shared/store/log-archive.ts';
import type { LogQuery, LogRead } from '../../../shared/store/log-read.ts';
import type { Headers } from '../../http/request.ts';
import type { Reply } from '../../http/route.ts';
import { deploymentParams, findDeployment } from '../deployments/find.ts';
import { type ApiDeps, route } from '../deps.ts';
import { logSource } from './source.ts';
import { readOrWait } from './wait.ts';

const NDJSON = 'application/x-ndjson';
/** How long the link to a finished log's archive is good. */
const LINK_SECONDS = 300;

/** Lines of a deployment's log, from any place, in either direction, filtered; live ones by waiting for them. */
export const getLogs = route({
  method: 'GET',
  path: '/v1/deployments/{deploymentId}/logs',
  summary:
    'Lines of a log. With Accept: application/x-ndjson a line of JSON each; a whole finished log is a redirect to its gzip-compressed archive.',
  auth: 'signed-in',
  params: deploymentParams,
  query: logsQuery,
  answer: { status: 200, schema: logPage },
  problems: ['DEPLOYMENT_NOT_FOUND'],
  handle: async ({ params, query, actor, deps, headers, signal }) => {
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    const ndjson = wantsNdjson(headers);
    if (ndjson && isWhole(query) && isClosed(deployment)) {
      const link = await archiveLink(deps, deployment.id);
      if (link !== undefined) return { status: 303, headers: { location: link } };
    }
    const read = await readOrWait(deps.store, deployment.id, logQuery(query), {
      ...logSource(deps, { createdAt: deployment.createdAt, isClosed: isClosed(deployment) }),
      seconds: query.wait,
      signal,
    });
    const page = pageOf(read);
    return ndjson ? ndjsonReply(page) : { status: 200, body: page };
  },
});

function logQuery({ after, before, tail, limit, level, step, source, since, search }: LogsQuery): LogQuery {
  const wanted = { level, step, source, since: since === undefined ? undefined : Date.parse(since), search };
  const filter: LineFilter | undefined = Object.values(wanted).some((value) => value !== undefined)
    ? wanted
    : undefined;
  if (tail !== undefined) return { place: { tail: true }, limit: tail, filter };
  if (before !== undefined) return { place: { before }, limit, filter };
  return { place: { after: after ?? 0 }, limit, filter };
}

/** The end marker is written and the archive is there. */
const isClosed = (deployment: Deployment) => 'finishedAt' in deployment && deployment.closing !== true;

function pageOf(read: LogRead): LogPage {
  const complete = read.end !== undefined && read.through >= read.end.lines;
  return {
    items: read.lines.map(lineView),
    ...(complete ? {} : { nextCursor: String(read.through) }),
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
    raw: { contentType: NDJSON, content: page.items.map((line) => `${JSON.stringify(line)}\n`).join('') },
  };
}

const wantsNdjson = (headers: Headers) =>
  (headers['accept'] ?? '').split(',').some((type) => type.split(';', 1)[0]?.trim().toLowerCase() === NDJSON);

const isWhole = ({ limit: _limit, wait: _wait, ...place }: LogsQuery) =>
  Object.values(place).every((value) => value === undefined);

async function archiveLink(deps: ApiDeps, deploymentId: string): Promise<string | undefined> {
  const { objects } = await deps.artifacts();
  const key = archiveKey(deploymentId);
  return (await objects.size(key)) === undefined
    ? undefined
    : objects.signGet(key, { seconds: LINK_SECONDS });
}
