import { rejectRequest } from '../../../shared/contracts/approvals.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { requestCancel } from '../../../shared/store/cancel.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import { accepted } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { viewOfDeployment } from '../../reads/view.ts';
import { route } from '../deps.ts';
import { notWaiting, waitingFor } from './approve.ts';

export const postReject = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/reject',
  summary: 'Say no to what the deployment would change: it ends canceled, with who said so and why.',
  auth: 'signed-in',
  params: deploymentParams,
  body: rejectRequest,
  answer: { status: 202, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps: { store }, log }) => {
    const found = await findDeployment(store, actor, params.deploymentId);
    waitingFor(found, actor, store.clock.now());
    const { outcome } = await requestCancel(store, found.id, {
      by: actor.subject,
      reason: body.reason,
      code: 'REJECTED',
      onlyIf: ({ status }) => status === 'awaiting-approval',
    });
    const after = await requireDeployment(store, found.id);
    if (outcome === 'left-alone' || after.cancelRequested?.code !== 'REJECTED') throw notWaiting(after);
    log.info('Rejected', { deploymentId: found.id });
    return accepted(viewOfDeployment(after), `/v1/deployments/${found.id}`);
  },
});
