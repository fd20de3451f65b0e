import { deploymentRequest, startQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { startDeployment } from '../../../shared/store/start-deployment.ts';
import { requireRole } from '../../http/auth.ts';
import { route } from '../deps.ts';
import { answerStart, keptAnswer } from './answer-start.ts';

export const postDeployment = route({
  method: 'POST',
  path: '/v1/deployments',
  summary: 'Start a deployment; `wait` answers later, when it has ended or the time is up.',
  auth: 'signed-in',
  query: startQuery,
  body: deploymentRequest,
  answer: { status: 202, schema: deploymentView },
  problems: [
    'PREREQUISITES_NOT_MET',
    'PROJECT_NOT_FOUND',
    'ENVIRONMENT_NOT_FOUND',
    'VERSION_NOT_FOUND',
    'ALREADY_RUNNING',
    'RATE_LIMIT_EXCEEDED',
  ],
  handle: async (call) => {
    const { body, actor, deps } = call;
    const { projectId } = body;
    requireRole(actor, 'viewer', { projectId });
    const made = await startDeployment(deps, {
      actor,
      body,
      mayDeploy: (environment) => requireRole(actor, 'deployer', { projectId, environment }),
      alsoWrite: keptAnswer(call.idempotency),
    });
    return answerStart(made, call);
  },
});
