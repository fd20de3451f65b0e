import { type CancelView, cancelQuery, cancelRequest, cancelView } from '../../../shared/contracts/cancel.ts';
import { cancelEnd, cancelOutcome } from '../../../shared/domain/cancellation.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { requestCancel } from '../../../shared/store/deployments.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { route } from '../deps.ts';
import { waitForEnd } from './wait.ts';

export const postCancel = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/cancel',
  summary: 'Stop a deployment, or switch it back; `wait` answers later, when it has ended or the time is up.',
  auth: 'signed-in',
  params: deploymentParams,
  query: cancelQuery,
  body: cancelRequest,
  answer: { status: 202, schema: cancelView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: async ({ params, query, body, actor, deps: { store }, log, signal }) => {
    const { id, projectId, environment } = await findDeployment(store, actor, params.deploymentId);
    requireRole(actor, 'deployer', { projectId, environment });
    const { deployment } = await requestCancel(store, id, { by: actor.subject, reason: body.reason });
    log.info('Cancel asked for', { deploymentId: id });
    const after = await waitForEnd(store, deployment, query.wait, signal);
    return accepted(viewOf(after, store.clock.now()), `/v1/deployments/${id}`);
  },
});

/** @throws Conflict INVALID_STATE where it had ended, or ended, by itself */
function viewOf(deployment: Deployment, now: number): CancelView {
  const outcome = cancelOutcome(deployment);
  if (outcome === 'already-finished') throw alreadyFinished(deployment);
  return outcome === 'stopping' ? { outcome, until: isoTime(cancelEnd(deployment, now)) } : { outcome };
}

const alreadyFinished = ({ id, environment, status, releaseState }: Deployment) =>
  new Conflict('INVALID_STATE', `Deployment ${id} has ended already: ${status}.`, {
    suggestion:
      releaseState === 'active'
        ? `It is live: roll it back to have ${environment} serve what it served before.`
        : 'Nothing is left to stop.',
    facts: { outcome: 'already-finished', deploymentId: id, deploymentStatus: status },
  });
