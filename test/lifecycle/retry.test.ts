import { describe, expect, test } from 'vitest';
import type { Deployment, VariableRef } from '../../shared/domain/records.ts';
import { changeEnvironment, requireEnvironment } from '../../shared/store/environments.ts';
import { variable } from '../support/given.ts';
import { ids } from '../support/records.ts';
import { deployedBefore } from './world/given.ts';
import { built, failedBuild, World } from './world/world.ts';

const stageOf = ({ stages }: Deployment, stage: string) => stages.find(({ name }) => name === stage);

/** A deployment that was built and then failed its live checks. */
async function failedLive(world: World): Promise<string> {
  world.liveStatus = 500;
  const id = await world.deploy();
  await world.buildWell();
  expect((await world.ended(id)).status).toBe('failed');
  world.liveStatus = 200;
  return id;
}

async function giveVariable(world: World, ref: VariableRef): Promise<void> {
  const environment = await requireEnvironment(world.store, ids.project, 'production');
  await changeEnvironment(world.store, environment, { variables: { API_URL: ref } });
}

describe('a retry of what was built and failed after that', () => {
  test('builds nothing, goes on with the release, and succeeds', async () => {
    const { world } = await deployedBefore();
    const parent = await failedLive(world);
    const id = await world.retry(parent);
    const retried = await world.ended(id);
    expect(retried).toMatchObject({
      status: 'succeeded',
      parentDeploymentId: parent,
      retryCount: 1,
      trigger: { kind: 'retry', actor: 'ann' },
      source: (await world.deployment(parent)).source,
      artifact: (await world.deployment(parent)).artifact,
    });
    expect(stageOf(retried, 'build')?.status).toBe('skipped');
    expect(world.target.served).toBe(id);
  });

  test('builds nothing where the artifact stays with its deployment for the variables in it', async () => {
    const world = await World.create();
    await giveVariable(world, variable({ use: 'build', value: 'https://a.test' }));
    const parent = await failedLive(world);
    const id = await world.retry(parent, true);
    const retried = await world.ended(id);
    expect(retried.status).toBe('succeeded');
    expect(stageOf(retried, 'build')).toMatchObject({
      status: 'skipped',
      message: `${parent} has its artifact already (bbbbbbbbbbbb); nothing to build.`,
    });
  });

  test('builds anew where a variable that builds see was changed meanwhile', async () => {
    const world = await World.create();
    await giveVariable(world, variable({ use: 'build', value: 'https://a.test' }));
    const parent = await failedLive(world);
    await giveVariable(world, variable({ use: 'build', value: 'https://b.test', revision: 2 }));
    const id = await world.retry(parent, true);
    await world.buildWell();
    const retried = await world.ended(id);
    expect(retried.status).toBe('succeeded');
    expect(stageOf(retried, 'build')?.status).toBe('succeeded');
  });
});

describe('a retry', () => {
  test('of a failed build is whole, of the same commit although the branch has moved', async () => {
    const world = await World.create();
    const parent = await world.deploy();
    const { job } = await world.claimed();
    await world.report({ job } as never, failedBuild(7));
    const { source } = await world.ended(parent);
    world.refs.set('main', 'e'.repeat(40));
    const id = await world.retry(parent);
    await world.buildWell();
    const retried = await world.ended(id);
    expect(retried.status).toBe('succeeded');
    expect(retried.source.commit?.sha).toBe(source.commit?.sha);
  });

  test('of a retry counts on, and goes back to nobody but its own parent', async () => {
    const { world } = await deployedBefore();
    const first = await failedLive(world);
    world.liveStatus = 500;
    const second = await world.retry(first);
    expect((await world.ended(second)).status).toBe('failed');
    world.liveStatus = 200;
    const third = await world.ended(await world.retry(second));
    expect(third).toMatchObject({ status: 'succeeded', retryCount: 2, parentDeploymentId: second });
    expect(stageOf(third, 'build')?.status).toBe('skipped');
  });

  test('of a canceled one works like any other', async () => {
    const { world } = await deployedBefore();
    const parent = await world.deploy();
    await world.offered(parent);
    await world.cancel(parent);
    expect((await world.ended(parent)).status).toBe('canceled');
    const id = await world.retry(parent);
    await world.report(await world.claimed(), built());
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test.each(['succeeded', 'running'] as const)('of one that is %s is refused', async (which) => {
    const { world, live } = await deployedBefore();
    const id = which === 'succeeded' ? live : await world.deploy();
    await expect(world.retry(id)).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });

  test('is refused where what was built is not there any more', async () => {
    const { world } = await deployedBefore();
    const parent = await failedLive(world);
    world.artifactsKept = false;
    await expect(world.retry(parent)).rejects.toMatchObject({
      code: 'PREREQUISITES_NOT_MET',
      issues: [{ field: '/versionId', code: 'ARTIFACT_GONE' }],
      suggestion: 'Deploy main instead of the version: it is built anew.',
    });
  });
});
