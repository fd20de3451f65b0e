import { type LogsQuery, logPage, logsQuery } from '../../../shared/contracts/logs.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { archiveKey, textKey } from '../../../shared/store/log-archive-keys.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import { loggedDeployment } from '../../../shared/store/log-source.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { type Format, wantedFormat } from '../../reads/log-formats.ts';
import { logQuery, logReply } from '../../reads/log-page.ts';
import { logSource } from '../../reads/log-source.ts';
import { toWaiting } from '../../reads/waiting-routes.ts';
import { type ApiDeps, route } from '../deps.ts';

/** How long the link to a finished log's archive is good. */
const LINK_SECONDS = 300;

/** Lines of a deployment's log, from any place, in either direction, filtered; `waiting` waits for those to come. */
export const getLogs = route({
  method: 'GET',
  path: '/v1/deployments/{deploymentId}/logs',
  summary:
    'Lines of a log; with `wait` a redirect to where they are waited for. With Accept: application/x-ndjson a line of JSON each, with text/plain as they were printed; a whole finished log is then a redirect to its archive.',
  auth: 'signed-in',
  params: deploymentParams,
  query: logsQuery,
  answer: { status: 200, schema: logPage },
  problems: ['DEPLOYMENT_NOT_FOUND'],
  handle: async ({ params, query, actor, deps, headers, rawQuery }) => {
    if (query.wait > 0) return toWaiting(`../../waiting/deployments/${params.deploymentId}/logs`, rawQuery);
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    const format = wantedFormat(headers['accept']);
    if (format !== 'json' && isWhole(query) && isArchived(deployment)) {
      const link = await archiveLink(deps, deployment, format);
      if (link !== undefined) return { status: 303, headers: { location: link } };
    }
    const wanted = logQuery(query);
    const read = await readLines(deps.store, deployment.id, wanted, logSource(deps, deployment));
    return logReply(read, wanted, headers);
  },
});

/** The archive is there, and holds nothing that was purged. */
function isArchived(deployment: Deployment): boolean {
  const { isClosed, purges = [] } = loggedDeployment(deployment);
  return isClosed && purges.every(({ rewrittenAt }) => rewrittenAt !== undefined);
}

/** Nothing asks for a part of the log. */
const isWhole = ({ limit: _limit, wait: _wait, ...parts }: LogsQuery) =>
  Object.values(parts).every((part) => part === undefined);

async function archiveLink(
  deps: ApiDeps,
  { id, archive }: Deployment,
  format: Exclude<Format, 'json'>,
): Promise<string | undefined> {
  const { objects } = await deps.artifacts();
  const key = (format === 'text' ? textKey : archiveKey)(id, archive);
  return (await objects.size(key)) === undefined
    ? undefined
    : objects.signGet(key, { seconds: LINK_SECONDS });
}
