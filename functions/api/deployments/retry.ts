import { retryRequest, startQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { requireRole } from '../../http/auth.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { route } from '../deps.ts';
import { answerStart, keptAnswer } from './answer-start.ts';
import { startRetry } from './start-retry.ts';

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
  handle: async (call) => {
    const { params, body, actor, deps } = call;
    const parent = await findDeployment(deps.store, actor, params.deploymentId);
    const { projectId, environment } = parent;
    requireRole(actor, 'deployer', { projectId, environment });
    const made = await startRetry(deps, {
      actor,
      parentId: parent.id,
      force: body.force,
      alsoWrite: keptAnswer(call.idempotency),
    });
    return answerStart(made, call);
  },
});
