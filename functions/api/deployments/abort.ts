import { abortRequest } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { obstacleToAbort } from '../../../shared/domain/strategy.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { requestCancel } from '../../../shared/store/deployments.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { viewOfDeployment } from '../../reads/view.ts';
import { route } from '../deps.ts';

export const postAbort = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/abort',
  summary: 'End a rollout: all visitors get what was live before, and the deployment ends canceled.',
  auth: 'signed-in',
  params: deploymentParams,
  body: abortRequest,
  answer: { status: 202, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps: { store }, log }) => {
    const found = await findDeployment(store, actor, params.deploymentId);
    requireRole(actor, 'deployer', { projectId: found.projectId, environment: found.environment });
    if (obstacleToAbort(found) !== undefined) throw nothingToAbort(found);
    const { outcome, deployment } = await requestCancel(store, found.id, {
      by: actor.subject,
      reason: body.reason ?? 'the rollout was aborted',
      onlyIf: (current) => obstacleToAbort(current) === undefined,
    });
    if (outcome === 'left-alone' || outcome === 'already-finished') throw nothingToAbort(deployment);
    log.info('Aborted', { deploymentId: found.id });
    return accepted(viewOfDeployment(deployment), `/v1/deployments/${found.id}`);
  },
});

const nothingToAbort = (deployment: Deployment) =>
  new Conflict(
    'INVALID_STATE',
    `There is nothing to abort: ${obstacleToAbort(deployment) ?? 'it goes on'}.`,
    {
      suggestion: 'Cancel what runs without steps; roll back what has ended.',
    },
  );
