import { retryRequest, startQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { requireRole } from '../../http/auth.ts';
import { asFirstAnswer } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { route } from '../deps.ts';
import { replyTo, startMachine } from './post.ts';
import { startRetry } from './start-retry.ts';
import { waitForEnd } from './wait.ts';

export const postRetry = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/retry',
  summary:
    'Try a deployment that ended without success again, as a new one; what was built is not built twice.',
  auth: 'signed-in',
  params: deploymentParams,
  query: startQuery,
  body: retryRequest,
  answer: { status: 202, schema: deploymentView },
  problems: [
    'DEPLOYMENT_NOT_FOUND',
    'PERMISSION_DENIED',
    'INVALID_STATE',
    'PREREQUISITES_NOT_MET',
    'ALREADY_RUNNING',
    'RATE_LIMIT_EXCEEDED',
  ],
  handle: async ({ params, query, body, actor, deps, idempotency, log, signal }) => {
    const parent = await findDeployment(deps.store, actor, params.deploymentId);
    const { projectId, environment } = parent;
    requireRole(actor, 'deployer', { projectId, environment });
    const { deployment, place } = await startRetry(deps, {
      actor,
      parentId: parent.id,
      force: body.force,
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
