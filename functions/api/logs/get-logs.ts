import { type LogsQuery, logPage, logsQuery } from '../../../shared/contracts/logs.ts';
import { archiveKey } from '../../../shared/store/log-archive.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { isClosed, logQuery, logReply, wantsNdjson } from '../../reads/log-page.ts';
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
    'Lines of a log; with `wait` a redirect to where they are waited for. With Accept: application/x-ndjson a line of JSON each; a whole finished log is a redirect to its gzip-compressed archive.',
  auth: 'signed-in',
  params: deploymentParams,
  query: logsQuery,
  answer: { status: 200, schema: logPage },
  problems: ['DEPLOYMENT_NOT_FOUND'],
  handle: async ({ params, query, actor, deps, headers, rawQuery }) => {
    if (query.wait > 0) return toWaiting(`../../waiting/deployments/${params.deploymentId}/logs`, rawQuery);
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    const { createdAt, id } = deployment;
    if (wantsNdjson(headers) && isWhole(query) && isClosed(deployment)) {
      const link = await archiveLink(deps, id);
      if (link !== undefined) return { status: 303, headers: { location: link } };
    }
    const source = logSource(deps, { createdAt, isClosed: isClosed(deployment) });
    return logReply(await readLines(deps.store, id, logQuery(query), source), headers);
  },
});

const isWhole = ({ limit: _limit, wait: _wait, ...place }: LogsQuery) =>
  Object.values(place).every((value) => value === undefined);

async function archiveLink(deps: ApiDeps, deploymentId: string): Promise<string | undefined> {
  const { objects } = await deps.artifacts();
  const key = archiveKey(deploymentId);
  return (await objects.size(key)) === undefined
    ? undefined
    : objects.signGet(key, { seconds: LINK_SECONDS });
}
