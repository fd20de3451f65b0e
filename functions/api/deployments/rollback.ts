import { startQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { rollbackRequest } from '../../../shared/contracts/rollback.ts';
import { requireRole } from '../../http/auth.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { route } from '../deps.ts';
import { answerStart, keptAnswer } from './answer-start.ts';
import { startRollback } from './start-rollback.ts';

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
  handle: async (call) => {
    const { params, body, actor, deps } = call;
    const left = await findDeployment(deps.store, actor, params.deploymentId);
    const { projectId, environment } = left;
    requireRole(actor, 'deployer', { projectId, environment });
    const made = await startRollback(deps, {
      actor,
      left,
      body,
      alsoWrite: keptAnswer(call.idempotency),
    });
    return answerStart(made, call);
  },
});
