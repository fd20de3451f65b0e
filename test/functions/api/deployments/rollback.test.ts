import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { environmentView } from '../../../../shared/contracts/environments.ts';
import type { DeploymentBase } from '../../../../shared/domain/records.ts';
import { changeWith, getSlot, requireDeployment } from '../../../../shared/store/deployments.ts';
import { requireEnvironment } from '../../../../shared/store/environments.ts';
import { requireProject } from '../../../../shared/store/projects.ts';
import { settle } from '../../../../shared/store/settlement.ts';
import { type DeploymentsApi, deploymentIn, deploymentsApi, gitProject, start } from './support.ts';

let api: DeploymentsApi;
beforeAll(async () => {
  api = await deploymentsApi();
});

const shaOf = (n: number) => `${n}`.repeat(40);

/** Deploys a commit and has it end, as the machine would: live where `well`, else failed before it was. */
async function deployed(projectId: string, n: number, well = true): Promise<string> {
  const source = { type: 'commit', ref: shaOf(n) };
  const { id } = deploymentIn(await start(api, { projectId, source }));
  const key = `artifacts/${id}.zip`;
  await api.s3.send(new PutObjectCommand({ Bucket: api.buckets.artifacts, Key: key, Body: 'zip' }));
  const facts: Partial<DeploymentBase> = {
    source: { type: 'commit', ref: shaOf(n), commit: { sha: shaOf(n) } },
    artifact: { key, digest: 'b'.repeat(64), size: 3, files: 1 },
    activating: well,
  };
  await changeWith(api.store, id, () => facts);
  await end(id, well);
  return id;
}

async function end(id: string, well: boolean): Promise<void> {
  const deployment = await requireDeployment(api.store, id);
  const project = await requireProject(api.store, deployment.projectId);
  const environment = await requireEnvironment(api.store, project.id, deployment.environment);
  await settle(
    api.store,
    { deployment, project, environment },
    well
      ? { status: 'succeeded', releaseState: 'active', active: { deploymentId: id }, draining: false }
      : { status: 'canceled', releaseState: 'none', active: 'same', draining: false },
  );
}

const rollback = (id: string, body: object = {}, sent: object = {}) =>
  api.send(`POST /v1/deployments/${id}/rollback`, { body: { reason: 'broken', ...body }, ...sent });

async function goodAndBad() {
  const projectId = await gitProject(api);
  const good = await deployed(projectId, 1);
  const bad = await deployed(projectId, 2);
  return { projectId, good, bad };
}

const environmentOf = async (projectId: string, name = 'production') =>
  environmentView.parse((await api.send(`GET /v1/projects/${projectId}/environments/${name}`)).body);

describe('a rollback', () => {
  test('answers 202 with the deployment that brings the good one back, starts its machine, and pins', async () => {
    const { projectId, good, bad } = await goodAndBad();
    const answer = await rollback(bad);
    expect(answer.status).toBe(202);
    const made = deploymentView.parse(answer.body);
    expect(answer.headers['location']).toBe(`/v1/deployments/${made.id}`);
    expect(made).toMatchObject({
      type: 'rollback',
      message: 'broken',
      trigger: { kind: 'rollback', actor: 'root' },
      source: { commit: { sha: shaOf(1) } },
      rollback: {
        ofDeploymentId: bad,
        targetDeploymentId: good,
        reason: 'broken',
        by: 'root',
        automatic: false,
      },
    });
    expect(api.started).toContain(made.id);
    const { pin, blocked, slot } = await environmentOf(projectId);
    expect(slot.owner).toBe(made.id);
    expect(pin).toMatchObject({ deploymentId: made.id, by: 'root', reason: 'broken', versionNumber: 2 });
    expect(blocked).toMatchObject([{ key: shaOf(2), versionNumber: 2, deploymentId: bad }]);
  });

  test('is one with its repeats under one key', async () => {
    const { bad } = await goodAndBad();
    const headers = { 'idempotency-key': 'back' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => rollback(bad, {}, { headers })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test('of many at once is one; each other is 409 and names it', async () => {
    const { bad } = await goodAndBad();
    const answers = await Promise.all(Array.from({ length: 8 }, () => rollback(bad)));
    const made = answers.filter(({ status }) => status === 202);
    expect(made).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status === 202) continue;
      expect(body).toMatchObject({ code: 'ROLLBACK_FAILED', deploymentId: made[0]?.body.id });
      expect(body).toMatchObject({ issues: [{ code: 'ROLLBACK_OPEN' }] });
    }
  });

  test('is not counted against the limit of starts and is not refused for it', async () => {
    const projectId = await gitProject(api, { settings: { startsPerMinute: 2 } });
    await deployed(projectId, 1);
    const bad = await deployed(projectId, 2);
    expect((await rollback(bad)).status).toBe(202);
  });

  test('brings back its default target before the failed one that came between', async () => {
    const projectId = await gitProject(api);
    const good = await deployed(projectId, 1);
    await deployed(projectId, 2, false);
    const bad = await deployed(projectId, 3);
    expect((await requireDeployment(api.store, bad)).previousGood).toBe(good);
    expect((await rollback(bad)).body).toMatchObject({ rollback: { targetDeploymentId: good } });
  });
});

describe('a refused rollback writes nothing:', () => {
  const refusals = async () => {
    const { projectId, good, bad } = await goodAndBad();
    const failed = await deployed(projectId, 3, false);
    const other = await deployed(await gitProject(api), 1);
    return { projectId, good, bad, failed, other };
  };
  type Ids = Awaited<ReturnType<typeof refusals>>;

  test.each<{
    fact: string;
    leaves?: (ids: Ids) => string;
    body: (ids: Ids) => object;
    status: number;
    answer: object;
  }>([
    {
      fact: 'to a deployment of another project it is 404',
      body: ({ other }) => ({ targetDeploymentId: other }),
      status: 404,
      answer: { code: 'DEPLOYMENT_NOT_FOUND' },
    },
    {
      fact: 'to a failed one it is 409 with the reason',
      body: ({ failed }) => ({ targetDeploymentId: failed }),
      status: 409,
      answer: { code: 'ROLLBACK_FAILED', field: '/targetDeploymentId', issues: [{ code: 'NOT_SUCCEEDED' }] },
    },
    {
      fact: 'to what is live it is 409',
      body: ({ bad }) => ({ targetDeploymentId: bad }),
      status: 409,
      answer: { code: 'ROLLBACK_FAILED', issues: [{ code: 'ALREADY_LIVE' }] },
    },
    {
      fact: 'from what is not live it is 409 and names what is',
      leaves: ({ good }) => good,
      body: () => ({}),
      status: 409,
      answer: { code: 'ROLLBACK_FAILED', field: '/deploymentId', issues: [{ code: 'NOT_LIVE' }] },
    },
    {
      fact: 'with a member that is not known it is 400',
      body: () => ({ target: 'x' }),
      status: 400,
      answer: { code: 'VALIDATION_FAILED' },
    },
  ])('$fact', async ({ leaves, body, status, answer }) => {
    const found = await refusals();
    const [items, slot] = [await api.items(), await getSlot(api.store, found.projectId, 'production')];
    const refused = await rollback(leaves?.(found) ?? found.bad, body(found));
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject(answer);
    expect(refused.body).toHaveProperty('suggestion');
    expect(await api.items()).toBe(items);
    expect(await getSlot(api.store, found.projectId, 'production')).toEqual(slot);
  });

  test('without a reason it is 400', async () => {
    const { projectId, bad } = await goodAndBad();
    for (const reason of [undefined, '', '  ', 'x'.repeat(501)]) {
      const refused = await rollback(bad, { reason });
      expect(refused.body).toMatchObject({ code: 'VALIDATION_FAILED', field: '/reason' });
    }
    expect((await environmentOf(projectId)).pin).toBeUndefined();
  });

  test('to one whose artifact is gone it is 409', async () => {
    const { good, bad } = await goodAndBad();
    const { artifact } = await requireDeployment(api.store, good);
    await api.s3.send(new DeleteObjectCommand({ Bucket: api.buckets.artifacts, Key: artifact?.key }));
    expect(await rollback(bad)).toMatchObject({
      status: 409,
      body: { code: 'ROLLBACK_FAILED', issues: [{ code: 'ARTIFACT_GONE' }] },
    });
  });

  test('to a deployment of another environment it is 404', async () => {
    const { projectId, bad } = await goodAndBad();
    const staging = { name: 'staging', type: 'staging' };
    await api.send(`POST /v1/projects/${projectId}/environments`, { body: staging });
    const source = { type: 'commit', ref: shaOf(1) };
    const { id } = deploymentIn(await start(api, { projectId, environment: 'staging', source }));
    expect((await rollback(bad, { targetDeploymentId: id })).status).toBe(404);
  });

  test('who may only look may not roll back, and who may not see it finds nothing', async () => {
    const { projectId, bad } = await goodAndBad();
    const viewer = await api.token([{ role: 'viewer', projectId }]);
    expect((await rollback(bad, {}, { token: viewer })).status).toBe(403);
    const stranger = await api.token([{ role: 'admin', projectId: await gitProject(api) }]);
    expect((await rollback(bad, {}, { token: stranger })).status).toBe(404);
  });
});

describe('the pin', () => {
  const unpin = (projectId: string, sent: object = {}) =>
    api.send(`DELETE /v1/projects/${projectId}/environments/production/pin`, sent);

  test('is lifted with the blocks by a deployer, and lifting it again changes nothing', async () => {
    const { projectId, bad } = await goodAndBad();
    await rollback(bad);
    const viewer = await api.token([{ role: 'viewer', projectId }]);
    expect((await unpin(projectId, { token: viewer })).status).toBe(403);
    const deployer = await api.token([{ role: 'deployer', projectId }]);
    expect((await unpin(projectId, { token: deployer })).status).toBe(204);
    const { pin, blocked } = await environmentOf(projectId);
    expect([pin, blocked]).toEqual([undefined, []]);
    const { line } = await getSlot(api.store, projectId, 'production');
    expect((await unpin(projectId)).status).toBe(204);
    expect((await getSlot(api.store, projectId, 'production')).line).toBe(line);
  });

  test('of an environment that is not there is 404', async () => {
    const { projectId } = await goodAndBad();
    const answer = await api.send(`DELETE /v1/projects/${projectId}/environments/nowhere/pin`);
    expect(answer.body).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND' });
  });
});

test('the record says whether it can be rolled back, and why not', async () => {
  const { good, bad } = await goodAndBad();
  const status = async (id: string) => (await api.send(`GET /v1/deployments/${id}/status`)).body;
  expect(await status(bad)).toMatchObject({ canRollback: true });
  expect(await status(good)).toMatchObject({
    canRollback: false,
    reasons: { canRollback: 'it is not what production serves' },
  });
});
