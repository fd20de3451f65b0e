import { beforeAll, describe, expect, test } from 'vitest';
import { cancelView } from '../../../../shared/contracts/cancel.ts';
import { deploymentStatusView } from '../../../../shared/contracts/deployment-status.ts';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { changeWith, requireDeployment } from '../../../../shared/store/deployments.ts';
import { type DeploymentsApi, deploymentIn, deploymentsApi, gitProject, start } from './support.ts';

let api: DeploymentsApi;
beforeAll(async () => {
  api = await deploymentsApi();
});

const started = async () => deploymentIn(await start(api, { projectId: await gitProject(api) }));
/** One whose runner builds, as its record says it. */
async function building() {
  const { id } = await started();
  const deadlines = { heartbeat: api.store.clock.now() + 60_000 };
  await changeWith(api.store, id, () => ({ status: 'initializing', stage: 'build', deadlines }));
  return id;
}
const cancel = (id: string, body: object = {}, sent: object = {}) =>
  api.send(`POST /v1/deployments/${id}/cancel`, { body, ...sent });
/** Only a settlement writes an end; here it is enough that one stands there. */
const endAs = (id: string, status: 'failed' | 'canceled') =>
  changeWith(api.store, id, () => ({ status }) as never);

describe('a cancel', () => {
  test('of what waits in the gate answers 202 stopped, and says so on the record', async () => {
    const { id } = await started();
    const answer = await cancel(id, { reason: 'wrong branch' });
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe(`/v1/deployments/${id}`);
    expect(cancelView.parse(answer.body)).toEqual({ outcome: 'stopped' });
    const after = deploymentView.parse((await api.send(`GET /v1/deployments/${id}`)).body);
    expect(after).toMatchObject({
      status: 'canceling',
      cancelRequested: { by: 'root', reason: 'wrong branch' },
      canCancel: false,
    });
    const status = deploymentStatusView.parse((await api.send(`GET /v1/deployments/${id}/status`)).body);
    expect(status.reasons['canCancel']).toBe('it is being canceled, as root asked');
  });

  test('of what runs answers stopping, with the moment by which it has ended', async () => {
    const id = await building();
    const { outcome, until = '' } = cancelView.parse((await cancel(id)).body);
    expect(outcome).toBe('stopping');
    expect(Date.parse(until) - api.store.clock.now()).toBe(120_000);
  });

  test('waits for the end where it is asked to', async () => {
    const id = await building();
    const [answer] = await Promise.all([
      api.send(`POST /v1/deployments/${id}/cancel?wait=25`, { body: {} }),
      endAs(id, 'canceled'),
    ]);
    expect(cancelView.parse(answer.body)).toEqual({ outcome: 'stopped' });
  });

  test('is one with its repeats, whoever sends them, and keeps the first reason', async () => {
    const id = await building();
    const bob = await api.token([{ role: 'deployer' }], 'bob');
    const first = await cancel(id, { reason: 'first' });
    const again = await cancel(id, { reason: 'second' }, { token: bob });
    expect([again.status, again.body]).toEqual([202, first.body]);
    const { cancelRequested } = await requireDeployment(api.store, id);
    expect(cancelRequested).toMatchObject({ by: 'root', reason: 'first' });
    await endAs(id, 'canceled');
    expect(cancelView.parse((await cancel(id)).body)).toEqual({ outcome: 'stopped' });
  });

  test('of what ended by itself is refused with its outcome, and writes nothing', async () => {
    const { id } = await started();
    const { revision } = await endAs(id, 'failed');
    const answer = await cancel(id);
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'INVALID_STATE',
        outcome: 'already-finished',
        deploymentStatus: 'failed',
        detail: `Deployment ${id} has ended already: failed.`,
        suggestion: 'Nothing is left to stop.',
      },
    });
    expect((await requireDeployment(api.store, id)).revision).toBe(revision);
  });

  test('is for deployers of that environment', async () => {
    const { id, projectId } = await started();
    const viewer = await api.token([{ role: 'viewer', projectId }]);
    const elsewhere = await api.token([{ role: 'deployer', projectId, environment: 'staging' }]);
    const stranger = await api.token([{ role: 'deployer', projectId: await gitProject(api) }]);
    const answers = [];
    for (const token of [viewer, elsewhere, stranger]) answers.push(await cancel(id, {}, { token }));
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [403, 'PERMISSION_DENIED'],
      [404, 'DEPLOYMENT_NOT_FOUND'],
      [404, 'DEPLOYMENT_NOT_FOUND'],
    ]);
    expect((await requireDeployment(api.store, id)).cancelRequested).toBeUndefined();
    const here = await api.token([{ role: 'deployer', projectId, environment: 'production' }]);
    expect((await cancel(id, {}, { token: here })).status).toBe(202);
  });

  test.each([
    ['an empty reason', { reason: '' }, '/reason'],
    ['a reason without end', { reason: 'x'.repeat(501) }, '/reason'],
    ['a field that it does not know', { force: true }, '/force'],
  ])('with %s is refused', async (_name, body, field) => {
    const { id } = await started();
    expect(await cancel(id, body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', field } });
  });
});
