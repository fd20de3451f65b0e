import { promoteRequest } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { goesOn, promote, promotedRound } from '../../../shared/store/rounds.ts';
import { answerStage } from '../../../shared/store/task-tokens.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { viewOfDeployment } from '../../reads/view.ts';
import { route } from '../deps.ts';

export const postPromote = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/promote',
  summary: 'Go on to the next step of a rollout, or to everybody, without waiting for the end of the bake.',
  auth: 'signed-in',
  params: deploymentParams,
  body: promoteRequest,
  answer: { status: 202, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps, log }) => {
    const { id, projectId, environment } = await findDeployment(deps.store, actor, params.deploymentId);
    requireRole(actor, 'deployer', { projectId, environment });
    const promoted = await promote(deps.store, id, {
      by: actor.subject,
      step: body.step === undefined ? undefined : body.step - 1,
      all: body.all,
    });
    const round = promotedRound(promoted);
    if (round !== undefined) {
      // Whatever comes between the two writes, the sweep answers in its place.
      await answerStage(deps.store, await deps.machine(), id, 'activate', round, goesOn(promoted));
    }
    log.info('Promoted', { deploymentId: id, all: body.all });
    return accepted(viewOfDeployment(promoted), `/v1/deployments/${id}`);
  },
});
