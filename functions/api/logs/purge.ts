import { purgeAnswer, purgeRequest } from '../../../shared/contracts/logs.ts';
import { type LogPurge, MOST_PURGES } from '../../../shared/domain/log-purge.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { Conflict, ValidationFailed } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { viewOfPurge } from '../../reads/log-page.ts';
import { logSource } from '../../reads/log-source.ts';
import { type ApiDeps, route } from '../deps.ts';

/**
 * The wish, and nothing else: from its write on nobody is shown these lines, and relay and sweep take them out of
 * everything that is stored. The record keeps who wished it, when and why.
 */
export const postPurge = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/logs/purge',
  summary:
    'Have the text of some lines removed everywhere, where a secret leaked. They keep number and digest.',
  auth: 'signed-in',
  params: deploymentParams,
  body: purgeRequest,
  answer: { status: 202, schema: purgeAnswer },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps, log }) => {
    const found = await findDeployment(deps.store, actor, params.deploymentId);
    const { id, projectId, environment } = found;
    requireRole(actor, 'admin', { projectId, environment });
    const last = await lastLine(deps, found);
    if (body.from > last) throw beyond(last);
    const wish = { ...body, to: Math.min(body.to, last), by: actor.subject };
    const deployment = await changeWith(deps.store, id, (current) => withPurge(current, wish, deps));
    const purge = openOne(deployment, wish) ?? madeAt(wish, deps);
    const { from, to, by, reason } = wish;
    log.warn('Lines of a log are purged.', { deploymentId: id, from, to, by, reason });
    return accepted({ ...viewOfPurge(purge), deploymentId: id }, `/v1/deployments/${id}`);
  },
});

type Wish = Pick<LogPurge, 'from' | 'to' | 'reason' | 'by'>;

/** Lines that are still to come cannot be purged: nobody knows what they say. */
async function lastLine(deps: ApiDeps, deployment: Deployment): Promise<number> {
  const source = logSource(deps, deployment);
  return (await readLines(deps.store, deployment.id, { place: { tail: true }, limit: 1 }, source)).through;
}

function withPurge(current: Deployment, wish: Wish, deps: ApiDeps) {
  const { purges = [] } = current;
  // The same wish again, while the first is not fulfilled: a request that was repeated.
  if (openOne(current, wish) !== undefined) return undefined;
  if (purges.length >= MOST_PURGES) throw tooMany(current);
  return { purges: [...purges, madeAt(wish, deps)] };
}

const openOne = ({ purges = [] }: Deployment, { from, to, reason, by }: Wish): LogPurge | undefined =>
  purges.find(
    (purge) =>
      purge.rewrittenAt === undefined &&
      purge.from === from &&
      purge.to === to &&
      purge.reason === reason &&
      purge.by === by,
  );

const madeAt = (wish: Wish, { store }: ApiDeps): LogPurge => ({ ...wish, at: isoTime(store.clock.now()) });

const beyond = (last: number) =>
  new ValidationFailed([
    {
      field: '/from',
      message: `the log has ${last} lines so far; what is to come cannot be purged`,
      code: 'TOO_LARGE',
    },
  ]);

const tooMany = ({ id }: Deployment) =>
  new Conflict('INVALID_STATE', `Lines of ${id} were purged ${MOST_PURGES} times already.`, {
    suggestion: 'Purge one range that covers the rest.',
    facts: { deploymentId: id },
  });
