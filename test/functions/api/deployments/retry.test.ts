import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentStatusView } from '../../../../shared/contracts/deployment-status.ts';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { deploymentError } from '../../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../../shared/domain/records.ts';
import type { Ending } from '../../../../shared/domain/settlement.ts';
import { requireDeployment } from '../../../../shared/store/deployments.ts';
import { requireEnvironment } from '../../../../shared/store/environments.ts';
import { requireProject } from '../../../../shared/store/projects.ts';
import { settle } from '../../../../shared/store/settlement.ts';
import { type DeploymentsApi, deploymentIn, deploymentsApi, gitProject, start } from './support.ts';

let api: DeploymentsApi;
beforeAll(async () => {
  api = await deploymentsApi();
});

const FAILURE = deploymentError({ code: 'BUILD_FAILED', stage: 'build', message: 'It exited with 7.' });

/** Ends a deployment as a settlement does, without anything having run. */
async function endAs(id: string, status: Ending['status']): Promise<Deployment> {
  const deployment = await requireDeployment(api.store, id);
  const [project, environment] = await Promise.all([
    requireProject(api.store, deployment.projectId),
    requireEnvironment(api.store, deployment.projectId, deployment.environment),
  ]);
  return settle(
    api.store,
    { deployment, project, environment },
    {
      status,
      releaseState: status === 'succeeded' ? 'active' : 'none',
      active: status === 'succeeded' ? { deploymentId: id } : 'same',
      draining: false,
      ...(status === 'failed' || status === 'timeout' ? { error: FAILURE } : {}),
    },
  );
}

const started = async (body: object = {}) =>
  deploymentIn(await start(api, { projectId: await gitProject(api), ...body }));
const retry = (id: string, sent: object = {}) =>
  api.send(`POST /v1/deployments/${id}/retry`, { body: {}, ...sent });

describe('a retry', () => {
  test.each(['failed', 'timeout', 'canceled'] as const)(
    'of a deployment that ended %s is a new one of the same version, with what was asked for',
    async (status) => {
      const asked = { message: 'Ship it', configOverride: { a: 1 }, source: { type: 'tag', ref: 'v1' } };
      const parent = await started(asked);
      await endAs(parent.id, status);
      const answer = await retry(parent.id);
      const child = deploymentView.parse(answer.body);
      expect(answer.status).toBe(202);
      expect(answer.headers['location']).toBe(`/v1/deployments/${child.id}`);
      expect(child).toMatchObject({
        parentDeploymentId: parent.id,
        retryCount: 1,
        versionId: parent.versionId,
        source: parent.source,
        message: 'Ship it',
        configSnapshot: { a: 1 },
        trigger: { kind: 'retry', actor: 'root' },
        status: 'created',
      });
      expect(api.started).toContain(child.id);
    },
  );

  test('with a key that was used gets the first answer, and makes nothing', async () => {
    const parent = await started();
    await endAs(parent.id, 'failed');
    const headers = { 'idempotency-key': `retry-${parent.id}` };
    const first = deploymentIn(await retry(parent.id, { headers }));
    const again = await retry(parent.id, { headers });
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(deploymentIn(again).id).toBe(first.id);
  });

  test('meets the owner of the environment like any start', async () => {
    const parent = await started();
    await endAs(parent.id, 'failed');
    const child = deploymentIn(await retry(parent.id));
    expect(await retry(parent.id)).toMatchObject({
      status: 409,
      body: { code: 'ALREADY_RUNNING', deploymentId: child.id },
    });
  });

  test('of one that succeeded, or goes on, is refused with what to do instead', async () => {
    const parent = await started();
    const before = await api.items();
    expect(await retry(parent.id)).toMatchObject({
      status: 409,
      body: {
        code: 'INVALID_STATE',
        detail: `Deployment ${parent.id} cannot be retried: the deployment has not ended.`,
        suggestion: `See where it stands: GET /v1/deployments/${parent.id}/status.`,
      },
    });
    await endAs(parent.id, 'succeeded');
    expect(await retry(parent.id)).toMatchObject({
      status: 409,
      body: { code: 'INVALID_STATE', suggestion: 'Start a new deployment with its versionId.' },
    });
    expect(await api.items()).toBe(before);
  });

  test('is for deployers of that environment', async () => {
    const { id, projectId } = await started();
    await endAs(id, 'failed');
    const viewer = await api.token([{ role: 'viewer', projectId }]);
    const stranger = await api.token([{ role: 'deployer', projectId: await gitProject(api) }]);
    expect(await retry(id, { token: viewer })).toMatchObject({ status: 403 });
    expect(await retry(id, { token: stranger })).toMatchObject({
      status: 404,
      body: { code: 'DEPLOYMENT_NOT_FOUND' },
    });
  });

  test('is possible or not as the record says', async () => {
    const { id } = await started();
    const possible = async () =>
      deploymentStatusView.parse((await api.send(`GET /v1/deployments/${id}/status`)).body);
    const before = await possible();
    expect([before.canRetry, before.reasons['canRetry']]).toEqual([false, 'the deployment has not ended']);
    await endAs(id, 'failed');
    const after = await possible();
    expect([after.canRetry, after.reasons['canRetry']]).toEqual([true, undefined]);
  });
});
