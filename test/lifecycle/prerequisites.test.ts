import { describe, expect, test } from 'vitest';
import type { Deployment, Environment, Project } from '../../shared/domain/records.ts';
import { transact } from '../../shared/store/engine.ts';
import { changeEnvironment, createEnvironment, requireEnvironment } from '../../shared/store/environments.ts';
import { createProject, requireProject } from '../../shared/store/projects.ts';
import { getSlot, rewriteSlot } from '../../shared/store/slot.ts';
import { unsetVariable } from '../../shared/store/variables.ts';
import { testApi } from '../functions/api/support.ts';
import { variable } from '../support/given.ts';
import { anEnvironment, aProject, ids } from '../support/records.ts';
import { deployedBefore } from './world/given.ts';
import { built, World } from './world/world.ts';

const commitOf = (n: number) => `${n}`.repeat(40);
const commit = (n: number) => ({ source: { type: 'commit', ref: commitOf(n) } });
const API = 'prj_01JHN000000000000000000009';

/** A deployment that waits for one approval, so that time passes between its request and the pass of its gate. */
async function waiting(given: {
  readonly project?: Partial<Project>;
  readonly environment?: Partial<Environment>;
  readonly before?: (world: World) => Promise<unknown>;
  readonly body?: (world: World) => Promise<Record<string, unknown>>;
}) {
  const approvals = { required: 1, allowSelf: true, expiresInSeconds: 3600 };
  const world = await World.create({
    ...(given.project === undefined ? {} : { project: given.project }),
    environment: { approvals, ...given.environment },
  });
  const api = await testApi({}, world.store);
  await given.before?.(world);
  const id = await world.deploy(await given.body?.(world));
  await world.until(async () => {
    const { status, wake, seen } = await world.deployment(id);
    return status === 'awaiting-approval' && wake === seen ? true : undefined;
  });
  const approved = async (): Promise<Deployment> => {
    expect((await api.send(`POST /v1/deployments/${id}/approve`)).status).toBe(202);
    return world.ended(id);
  };
  return { world, id, approved };
}

/** Another project, with one environment in which something is live or nothing is. */
async function otherProject(world: World, environment: Partial<Environment>, active?: string): Promise<void> {
  const project = aProject({ id: API, name: 'api' });
  const place = anEnvironment({ projectId: API, ...environment });
  await transact(world.store, [...createProject(project), createEnvironment(place)]);
  await serve(world, place.name, active);
}

async function serve(world: World, environment: string, active: string | undefined): Promise<void> {
  const slot = await getSlot(world.store, API, environment);
  await transact(world.store, [rewriteSlot(slot, { ...slot, active, line: slot.line + 1 })]);
}

const staging = (world: World) =>
  transact(world.store, [
    createEnvironment(anEnvironment({ name: 'staging', type: 'staging', isDefault: false })),
  ]);

const checkOf = ({ validation }: Deployment, name: string) =>
  validation.checks.find((check) => check.name === name);

async function expectRefusedAtGate(
  { id, approved, world }: Awaited<ReturnType<typeof waiting>>,
  name: string,
  words: string,
): Promise<void> {
  const ended = await approved();
  expect(ended).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_CONFIG', stage: 'gate' },
    validation: { passed: false },
  });
  expect('error' in ended && ended.error?.message).toContain(words);
  expect(checkOf(ended, name)).toMatchObject({ passed: false });
  expect(ended.validation.suggestions).toHaveLength(1);
  expect('error' in ended && ended.error?.suggestion).toBe(ended.validation.suggestions?.[0]);
  expect((await world.log(id)).join('\n')).toContain(words);
  expect(world.target.history).not.toContain(id);
}

describe('given a deployment that passed its prerequisites and waits at the gate', () => {
  test('when what it depends on is not live any more, then it ends at the gate and says so', async () => {
    const story = await waiting({
      project: { dependsOn: [API] },
      before: (world) => otherProject(world, {}, ids.previous),
    });
    await serve(story.world, 'production', undefined);
    await expectRefusedAtGate(story, 'dependencies', `it depends on ${API}, which is not live`);
  });

  test('when a variable that the project requires was taken away, then it ends at the gate', async () => {
    const story = await waiting({
      project: { requiredVariables: ['API_URL'] },
      environment: { variables: { API_URL: variable({ value: 'https://a.test', use: 'runtime' }) } },
    });
    const place = { projectId: ids.project, environment: 'production', key: 'API_URL' };
    expect(await unsetVariable(story.world.store, place)).toBe(true);
    await expectRefusedAtGate(story, 'variables', 'lacks API_URL');
  });

  test('when its artifact is gone, then it ends at the gate', async () => {
    const story = await waiting({
      body: async (world) => ({ versionId: (await world.uploadedVersion()).id }),
    });
    expect(checkOf(await story.world.deployment(story.id), 'artifact')).toMatchObject({ passed: true });
    story.world.artifactsKept = false;
    await expectRefusedAtGate(story, 'artifact', 'is not kept any more');
  });

  test('when its branch turns out to be a commit that has not been where it must come from, then it ends at the gate', async () => {
    const world = await World.create({ environment: { promoteFrom: ['staging'] } });
    await staging(world);
    const id = await world.deploy();
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'INVALID_CONFIG', stage: 'gate' } });
    expect(checkOf(ended, 'promotion')?.message).toBe(
      'main (c0ffee000000) has not succeeded in staging, from where production is promoted',
    );
  });

  test('when nothing has changed, then what was found at the gate stands on the record', async () => {
    const { world, id, approved } = await waiting({
      project: { dependsOn: [API] },
      before: (before) => otherProject(before, {}, ids.previous),
    });
    expect(checkOf(await world.deployment(id), 'approval')?.message).toBe('1 approval is needed');
    const ending = approved();
    await world.buildWell();
    const ended = await ending;
    expect(ended.status).toBe('succeeded');
    expect(checkOf(ended, 'approval')?.message).toBe('1 of 1 approvals were given');
    expect(checkOf(ended, 'served')).toMatchObject({ passed: true });
  });
});

describe('given an environment that is promoted from another', () => {
  async function promoted() {
    const world = await World.create({ environment: { promoteFrom: ['staging'] } });
    await staging(world);
    return world;
  }

  test('when the commit has not succeeded there, then it is refused; once it has, it goes on, also after others went there', async () => {
    const world = await promoted();
    await expect(world.deploy(commit(1))).rejects.toMatchObject({
      code: 'PREREQUISITES_NOT_MET',
      issues: [{ code: 'NOT_PROMOTED', field: '/environment', suggestion: 'Deploy it to staging first.' }],
    });
    for (const n of [1, 2]) {
      const id = await world.deploy({ environment: 'staging', ...commit(n) });
      await world.report(await world.claimed(), built(commitOf(n)));
      expect((await world.ended(id)).status).toBe('succeeded');
    }
    const id = await world.deploy(commit(1));
    await world.report(await world.claimed(), built(commitOf(1)));
    expect((await world.ended(id)).status).toBe('succeeded');
    await expect(world.deploy(commit(3))).rejects.toMatchObject({ code: 'PREREQUISITES_NOT_MET' });
  });

  test('when it only failed there, then it has not succeeded there', async () => {
    const world = await promoted();
    world.liveStatus = 500;
    const first = await world.deploy({ environment: 'staging', ...commit(1) });
    await world.report(await world.claimed(), built(commitOf(1)));
    expect((await world.ended(first)).status).toBe('failed');
    world.liveStatus = 200;
    await expect(world.deploy(commit(1))).rejects.toMatchObject({ code: 'PREREQUISITES_NOT_MET' });
  });

  test('when somebody rolls back, then the order does not hold that', async () => {
    const { world, live } = await deployedBefore();
    const second = await world.deploy(commit(2));
    await world.report(await world.claimed(), built(commitOf(2)));
    await world.ended(second);
    await staging(world);
    const environment = await requireEnvironment(world.store, ids.project, 'production');
    await changeEnvironment(world.store, environment, { promoteFrom: ['staging'] });
    const id = await world.rollback(second);
    expect(await world.ended(id)).toMatchObject({
      status: 'succeeded',
      rollback: { targetDeploymentId: live },
    });
  });

  test('when a failed one is tried again, then the order holds that', async () => {
    const { world } = await deployedBefore();
    world.liveStatus = 500;
    const id = await world.deploy(commit(2));
    await world.report(await world.claimed(), built(commitOf(2)));
    await world.ended(id);
    await staging(world);
    const environment = await requireEnvironment(world.store, ids.project, 'production');
    await changeEnvironment(world.store, environment, { promoteFrom: ['staging'] });
    await expect(world.retry(id)).rejects.toMatchObject({ issues: [{ code: 'NOT_PROMOTED' }] });
  });
});

describe('given what a project depends on', () => {
  test.each([
    ['live in production', { name: 'production', type: 'production' }, ids.previous, true],
    ['live only in staging', { name: 'staging', type: 'staging' }, ids.previous, false],
    ['not live', { name: 'production', type: 'production' }, undefined, false],
  ] as const)('%s, a deployment to production may start: %s', async (_, environment, active, may) => {
    const world = await World.create({ project: { dependsOn: [API] } });
    await otherProject(world, environment, active);
    if (may) await expect(world.deploy()).resolves.toMatch(/^dep_/);
    else await expect(world.deploy()).rejects.toMatchObject({ issues: [{ code: 'DEPENDENCY_NOT_LIVE' }] });
  });
});

describe('given a first deployment that failed its live checks and stayed live', () => {
  async function unhealthy() {
    const world = await World.create();
    world.liveStatus = 500;
    const sick = await world.deploy(commit(1));
    await world.report(await world.claimed(), built(commitOf(1)));
    expect(await world.ended(sick)).toMatchObject({ status: 'failed', releaseState: 'active' });
    world.liveStatus = 200;
    return { world, sick };
  }
  const healthIn = async (world: World) => ({
    slot: (await world.slot()).health?.state,
    project: (await requireProject(world.store, ids.project)).health,
  });

  test('then environment and project are unhealthy, and say since which deployment and why', async () => {
    const { world, sick } = await unhealthy();
    expect(await healthIn(world)).toEqual({ slot: 'unhealthy', project: 'unhealthy' });
    const { health } = await world.slot();
    expect(health).toMatchObject({ deploymentId: sick, key: commitOf(1) });
    expect(health?.reason).toContain('fails its check');
  });

  test('when the same content is started again or retried, then it is refused, unless by force', async () => {
    const { world, sick } = await unhealthy();
    const refused = { code: 'PREREQUISITES_NOT_MET', issues: [{ code: 'UNHEALTHY' }] };
    await expect(world.deploy(commit(1))).rejects.toMatchObject(refused);
    await expect(world.retry(sick)).rejects.toMatchObject(refused);
    const id = await world.retry(sick, true);
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', force: true });
    expect(ended.validation.warnings).toEqual([expect.stringContaining('started by force')]);
    expect(await healthIn(world)).toEqual({ slot: 'healthy', project: 'healthy' });
  });

  test('when a branch turns out to be what fails, then the gate refuses it', async () => {
    const { world } = await unhealthy();
    world.refs.set('main', commitOf(1));
    const ended = await world.ended(await world.deploy());
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'INVALID_CONFIG', stage: 'gate' } });
    expect(checkOf(ended, 'health')).toMatchObject({ passed: false });
  });

  test('when a newer version is deployed, then it goes on with a warning and cures the environment', async () => {
    const { world } = await unhealthy();
    const id = await world.deploy(commit(2));
    await world.report(await world.claimed(), built(commitOf(2)));
    const ended = await world.ended(id);
    expect(ended.status).toBe('succeeded');
    expect(ended.validation.warnings).toContainEqual(expect.stringContaining('may be the cure'));
    expect(await healthIn(world)).toEqual({ slot: 'healthy', project: 'healthy' });
  });

  test('when a newer one fails too and is switched back, then the environment stays unhealthy', async () => {
    const { world, sick } = await unhealthy();
    world.liveStatus = 500;
    const id = await world.deploy(commit(2));
    await world.report(await world.claimed(), built(commitOf(2)));
    expect((await world.ended(id)).status).toBe('failed');
    expect(world.target.served).toBe(sick);
    expect((await world.slot()).health).toMatchObject({ state: 'unhealthy', deploymentId: sick });
  });
});

test('a rollback from what fails clears the health of the environment, and nothing holds it', async () => {
  const { world, live } = await deployedBefore();
  world.liveStatus = 500;
  const bad = await world.deploy({ ...commit(2), rollbackOnFailure: false });
  await world.report(await world.claimed(), built(commitOf(2)));
  await world.ended(bad);
  expect((await world.slot()).health?.state).toBe('unhealthy');
  world.liveStatus = 200;
  const back = await world.ended(await world.rollback(bad));
  expect(back).toMatchObject({ status: 'succeeded', rollback: { targetDeploymentId: live } });
  expect((await world.slot()).health).toMatchObject({ state: 'healthy', deploymentId: back.id });
});
