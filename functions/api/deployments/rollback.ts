import { startQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { rollbackRequest } from '../../../shared/contracts/rollback.ts';
import { requireRole } from '../../http/auth.ts';
import { asFirstAnswer } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { route } from '../deps.ts';
import { replyTo, startMachine } from './post.ts';
import { startRollback } from './start-rollback.ts';
import { waitForEnd } from './wait.ts';

export const postRollback = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/rollback',
  summary: 'Leave a live deployment for an earlier one, which a new deployment brings back.',
  auth: 'signed-in',
  params: deploymentParams,
  query: startQuery,
  body: rollbackRequest,
  answer: { status: 202, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'ROLLBACK_FAILED'],
  handle: async ({ params, query, body, actor, deps, idempotency, log, signal }) => {
    const left = await findDeployment(deps.store, actor, params.deploymentId);
    const { projectId, environment } = left;
    requireRole(actor, 'deployer', { projectId, environment });
    const { deployment, place } = await startRollback(deps, {
      actor,
      left,
      body,
      alsoWrite: (made) =>
        idempotency === undefined
          ? []
          : [idempotency.write(asFirstAnswer(replyTo(made.deployment, made.place)), made.deployment.id)],
    });
    await startMachine(deps, deployment, log);
    const current = await waitForEnd(deps.store, deployment, query.wait, signal);
    return replyTo(current, current.revision === deployment.revision ? place : undefined);
  },
});
