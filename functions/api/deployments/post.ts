import { deploymentRequest, deploymentView, startQuery } from '../../../shared/contracts/deployments.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import type { Log } from '../../../shared/platform/logger.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted, asFirstAnswer } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { startDeployment } from './start.ts';
import { viewOfDeployment } from './view.ts';
import { waitForEnd } from './wait.ts';

const replyTo = (deployment: Deployment) =>
  accepted(viewOfDeployment(deployment), `/v1/deployments/${deployment.id}`);

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
  ],
  handle: async ({ body, query, actor, deps, idempotency, log, signal }) => {
    const { projectId } = body;
    requireRole(actor, 'viewer', { projectId });
    const deployment = await startDeployment(deps.store, {
      actor,
      body,
      mayDeploy: (environment) => requireRole(actor, 'deployer', { projectId, environment }),
      alsoWrite: (made) =>
        idempotency === undefined ? [] : [idempotency.write(asFirstAnswer(replyTo(made)), made.id)],
    });
    await startMachine(deps, deployment, log);
    return replyTo(await waitForEnd(deps.store, deployment, query.wait, signal));
  },
});

/** The deployment stands, whatever happens here: relay and sweep start what has no execution. */
async function startMachine(deps: ApiDeps, { id, type }: Deployment, log: Log): Promise<void> {
  try {
    const machine = await deps.machine();
    await machine.start(id, type);
  } catch (error) {
    log.with({ deploymentId: id }).warn('The execution was not started; the relay will.', { error });
  }
}
