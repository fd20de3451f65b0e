import { deploymentRequest, startQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import type { Place } from '../../../shared/domain/admission.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import type { Log } from '../../../shared/platform/logger.ts';
import { startDeployment } from '../../../shared/store/start-deployment.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted, asFirstAnswer } from '../../http/reply.ts';
import { viewOfDeployment } from '../../reads/view.ts';
import { type ApiDeps, route } from '../deps.ts';
import { waitForEnd } from './wait.ts';

export const replyTo = (deployment: Deployment, place?: Place) =>
  accepted(viewOfDeployment(deployment, place), `/v1/deployments/${deployment.id}`);

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
  handle: async ({ body, query, actor, deps, idempotency, log, signal }) => {
    const { projectId } = body;
    requireRole(actor, 'viewer', { projectId });
    const { deployment, place } = await startDeployment(deps, {
      actor,
      body,
      mayDeploy: (environment) => requireRole(actor, 'deployer', { projectId, environment }),
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

/** The deployment stands, whatever happens here: relay and sweep start what has no execution. */
export async function startMachine(deps: ApiDeps, { id, type }: Deployment, log: Log): Promise<void> {
  try {
    const machine = await deps.machine();
    await machine.start(id, type);
  } catch (error) {
    log.with({ deploymentId: id }).warn('The execution was not started; the relay will.', { error });
  }
}
