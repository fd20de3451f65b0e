import { beforeAll, describe, expect, test } from 'vitest';
import type { ApiDeps } from '../../../../functions/api/deps.ts';
import { deploymentStatusView } from '../../../../shared/contracts/deployment-status.ts';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { stepsOf } from '../../../../shared/domain/strategy.ts';
import { changeWith, requireDeployment } from '../../../../shared/store/deployments.ts';
import { storeToken } from '../../../../shared/store/task-tokens.ts';
import { taskMachine } from '../../../support/task-machine.ts';
import { type TestApi, testApi } from '../support.ts';
import { deploymentIn, gitProject, start } from './support.ts';

const machine = taskMachine();
let api: TestApi;
beforeAll(async () => {
  const overrides: Partial<ApiDeps> = { machine: async () => machine };
  api = await testApi(overrides);
});

const UNTIL = '2030-01-01T00:00:00.000Z';

/** A canary whose first step bakes, as the activation leaves it. */
async function baking(): Promise<{ id: string; token: string }> {
  const projectId = await gitProject(api);
  const { id } = deploymentIn(await start(api, { projectId, strategy: 'canary' }));
  await changeWith(api.store, id, () => ({ status: 'initializing' }));
  await changeWith(api.store, id, () => ({
    status: 'deploying',
    stage: 'activate',
    activating: true,
    activation: { round: 0, enteredAt: UNTIL, work: { kind: 'step', step: 0 } },
    rollout: { steps: stepsOf('canary'), step: 0, weight: 10, until: UNTIL },
  }));
  const token = `token-${id}`;
  machine.waitFor(token);
  await storeToken(api.store, machine, id, 'activate', 0, { token, enteredAt: UNTIL, retryCount: 0 });
  return { id, token };
}

const post = (id: string, what: 'promote' | 'abort', body: object = {}) =>
  api.send(`POST /v1/deployments/${id}/${what}`, { body });

describe('a start with a strategy', () => {
  test('keeps the steps that it takes', async () => {
    const projectId = await gitProject(api);
    const steps = [{ weight: 20, bakeSeconds: 5 }, { weight: 100 }];
    const { id, strategy } = deploymentIn(await start(api, { projectId, strategy: 'canary', steps }));
    expect(strategy).toBe('canary');
    expect((await requireDeployment(api.store, id)).steps).toEqual([
      { weight: 20, bakeSeconds: 5 },
      { weight: 100, bakeSeconds: 0 },
    ]);
  });

  test('weights that do not rise are 400 with the field', async () => {
    const projectId = await gitProject(api);
    const steps = [{ weight: 50 }, { weight: 20 }, { weight: 100 }];
    const answer = await start(api, { projectId, strategy: 'canary', steps });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', field: '/steps/1/weight' });
  });

  test('one that the target cannot do is 400 with the field and what it can', async () => {
    const projectId = await gitProject(api);
    const answer = await start(api, { projectId, strategy: 'rolling' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: 'PREREQUISITES_NOT_MET',
      issues: [
        {
          field: '/strategy',
          code: 'STRATEGY_NOT_POSSIBLE',
          message: expect.stringContaining('choose all-at-once or blue-green or canary'),
        },
      ],
    });
  });
});

describe('a rollout', () => {
  test('shows step, share and the end of its bake in record and status', async () => {
    const { id } = await baking();
    const rollout = { step: 1, steps: stepsOf('canary'), weight: 10, until: UNTIL };
    const record = deploymentView.parse((await api.send(`GET /v1/deployments/${id}`)).body);
    const status = deploymentStatusView.parse((await api.send(`GET /v1/deployments/${id}/status`)).body);
    expect(record.rollout).toEqual(rollout);
    expect(status.rollout).toEqual(rollout);
  });

  test('a promotion answers the token of its round: there is another one', async () => {
    const { id, token } = await baking();
    const answer = await post(id, 'promote', { step: 1 });
    expect(answer.status).toBe(202);
    deploymentView.parse(answer.body);
    expect(machine.answers.get(token)).toEqual({ ok: true, more: true });
    expect((await requireDeployment(api.store, id)).rollout?.promoted).toMatchObject({
      round: 0,
      all: false,
    });
  });

  test('a second promotion is 409 and counts for no other step', async () => {
    const { id } = await baking();
    await post(id, 'promote');
    const again = await post(id, 'promote');
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: 'INVALID_STATE', detail: expect.stringContaining('already') });
  });

  test('a promotion of another step than the present one is 409 with the field', async () => {
    const { id, token } = await baking();
    const answer = await post(id, 'promote', { step: 2 });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'INVALID_STATE', field: '/step' });
    expect(machine.answers.get(token)).toBeUndefined();
  });

  test('an abort asks for its cancellation, with who and why', async () => {
    const { id } = await baking();
    const answer = await post(id, 'abort', { reason: 'the basket is empty' });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: 'canceling' });
    expect((await requireDeployment(api.store, id)).cancelRequested).toMatchObject({
      reason: 'the basket is empty',
    });
    expect((await post(id, 'promote')).status).toBe(409);
    expect((await post(id, 'abort')).status).toBe(409);
  });

  test('what waits for nothing of the kind can be neither promoted nor aborted', async () => {
    const projectId = await gitProject(api);
    const { id } = deploymentIn(await start(api, { projectId }));
    const { revision } = await requireDeployment(api.store, id);
    for (const what of ['promote', 'abort'] as const) {
      const answer = await post(id, what);
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({
        code: 'INVALID_STATE',
        detail: expect.stringContaining('all at once'),
        suggestion: expect.any(String),
      });
    }
    expect((await requireDeployment(api.store, id)).revision).toBe(revision);
  });
});
