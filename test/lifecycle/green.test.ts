import { expect, test } from 'vitest';
import { build } from '../../functions/steps/build.ts';
import { STEP_CONTRACT } from '../../shared/contracts/steps.ts';
import { changeVersion, requireVersion } from '../../shared/store/versions.ts';
import { ids } from '../support/records.ts';
import { World } from './world/world.ts';

test('given a repository, when it is deployed, then its build is served and everything says so', async () => {
  const world = await World.create();
  const id = await world.deploy({ message: 'Ship the spring sale' });
  await world.buildWell();
  const deployment = await world.ended(id);
  await world.rest();

  expect(deployment).toMatchObject({
    message: 'Ship the spring sale',
    status: 'succeeded',
    releaseState: 'active',
    progress: 100,
    source: { type: 'branch', ref: 'main', commit: { sha: expect.stringMatching(/^c0ffee/), author: 'Ann' } },
    url: 'https://production.shop.test',
    calls: {},
  });
  expect(deployment.stages.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'gate succeeded',
    'build succeeded',
    'release succeeded',
    'verify skipped',
    'activate succeeded',
    'settle succeeded',
  ]);
  expect(world.target.served).toBe(id);
  const slot = await world.slot();
  expect(slot).toMatchObject({ active: id, fence: 1, url: 'https://production.shop.test' });
  expect(slot.owner).toBeUndefined();
  expect(await world.project()).toMatchObject({
    currentVersion: deployment.versionId,
    online: true,
    lifecycle: 'active',
    deployedBy: 'ann',
    deployedAt: 'finishedAt' in deployment ? deployment.finishedAt : 'never',
    deployedConfiguration: deployment.snapshot.configuration,
  });
  expect(deployment.validation.passed).toBe(true);
  expect(deployment.validation.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['project', 'record', 'snapshot', 'status', 'served']),
  );
  expect(world.events.map(({ type }) => type)).toEqual(['deployment.created', 'deployment.completed']);
  const execution = world.engine.executions.get(id);
  expect(execution?.status).toBe('SUCCEEDED');
  expect(deployment.cost.transitions).toBe(execution?.entered.length);
  expect(deployment.cost.transitions).toBeLessThanOrEqual(10);
  expect(deployment.cost.control).toBeGreaterThan(0);
});

test('given a live deployment, when the next one succeeds, then the first is inactive and the previous good', async () => {
  const world = await World.create();
  const first = await world.deploy();
  await world.buildWell();
  await world.ended(first);
  const second = await world.deploy();
  await world.buildWell();
  await world.ended(second);

  expect(await world.deployment(first)).toMatchObject({ status: 'succeeded', releaseState: 'inactive' });
  expect(await world.deployment(second)).toMatchObject({
    releaseState: 'active',
    previousDeploymentId: first,
    versionNumber: 2,
  });
  expect(await world.slot()).toMatchObject({ active: second, previousGood: first, fence: 2 });
  expect(world.target.history).toEqual([first, second]);
});

test('given an uploaded artifact, when it is deployed, then the build is skipped and the log says so', async () => {
  const world = await World.create();
  const { id: versionId } = await world.uploadedVersion();
  const id = await world.deploy({ versionId });
  const deployment = await world.ended(id);

  expect(deployment).toMatchObject({ status: 'succeeded', artifact: { files: 3 } });
  expect(deployment.stages.find(({ name }) => name === 'build')?.status).toBe('skipped');
  expect(await world.log(id)).toContainEqual(expect.stringContaining('nothing to build'));
});

test('given a repository that only runners reach, when it is deployed, then a runner pins its ref first', async () => {
  const world = await World.create({
    project: { repository: { url: 'ssh://git@git.example.com/shop.git' } },
  });
  const id = await world.deploy({ source: { type: 'tag', ref: 'v1' } });
  const resolve = await world.claimed('resolve');
  expect((await world.deployment(id)).status).toBe('created');
  await world.report(resolve, { outcome: 'resolved', lines: 0, commit: { sha: 'd'.repeat(40) } });
  const build = await world.claimed();
  expect((await world.deployment(id)).source.commit?.sha).toBe('d'.repeat(40));
  await world.report(build, {
    outcome: 'built',
    lines: 0,
    artifact: { digest: 'b'.repeat(64), size: 1000, files: 3 },
    commit: { sha: 'd'.repeat(40) },
    seconds: 3,
  });
  expect((await world.ended(id)).status).toBe('succeeded');
});

test('when a deployment has ended, then its log is closed, archived, and nothing is left to do', async () => {
  const world = await World.create();
  const id = await world.deploy();
  await world.buildWell();
  await world.ended(id);
  await world.rest();
  await world.pump();

  expect(world.isArchived(id)).toBe(true);
  expect((await world.deployment(id)).closing).toBe(false);
  expect((await world.log(id)).at(-1)).toBe('Ended succeeded: https://production.shop.test');
  const before = await world.deployment(id);
  world.advance(3600);
  await world.sweep();
  expect(await world.deployment(id)).toEqual(before);
});

test('given a build on a runner, when its state is tried again after another built the version, then that build goes on', async () => {
  const world = await World.create();
  const id = await world.deploy();
  const { versionId, executionArn = '', entered } = await world.offered(id);
  const version = await requireVersion(world.store, ids.project, versionId);
  const artifact = { key: 'artifacts/other.zip', digest: 'c'.repeat(64), size: 1000, files: 3 };
  await changeVersion(world.store, version, { artifact });
  await build(world.stepsDeps(), {
    op: 'build',
    contract: STEP_CONTRACT,
    deploymentId: id,
    executionArn,
    enteredAt: entered['build'] ?? '',
    retryCount: 1,
    taskToken: 'again',
  });
  const { stages } = await world.deployment(id);
  expect(stages.find(({ name }) => name === 'build')?.status).toBe('running');
});
