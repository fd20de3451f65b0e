import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../shared/domain/records.ts';
import { deployedBefore, expectUntouched } from './world/given.ts';
import { built, failedBuild, World } from './world/world.ts';

const errorOf = (deployment: Deployment) => ('error' in deployment ? deployment.error : undefined);

test('given a live deployment, when the build exits with 7, then it says 7 and the old one is still served', async () => {
  const { world, live } = await deployedBefore();
  const id = await world.deploy();
  await world.report(await world.claimed(), failedBuild(7));
  const deployment = await world.ended(id);

  expect(deployment.status).toBe('failed');
  expect(errorOf(deployment)).toEqual({
    code: 'BUILD_FAILED',
    stage: 'build',
    message: 'npm run build ended with exit code 7.',
    exitCode: 7,
    retryable: false,
    suggestion: 'Read its last lines.',
    recovery: 'fix',
    severity: 'recoverable',
  });
  await expectUntouched(world, live);
  expect(deployment.cost.transitions).toBe(world.engine.executions.get(id)?.entered.length);
  const next = await world.deploy();
  await world.buildWell();
  expect((await world.ended(next)).status).toBe('succeeded');
});

test('when the ref is unknown, then it fails in the gate and names refs that are there', async () => {
  const { world, live } = await deployedBefore();
  const id = await world.deploy({ source: { type: 'branch', ref: 'mian' } });
  const deployment = await world.ended(id);

  expect(errorOf(deployment)).toMatchObject({
    code: 'INVALID_SOURCE_REF',
    stage: 'gate',
    message: 'The repository has no branch mian.',
    suggestion: 'Name one that it has, such as main.',
    retryable: false,
  });
  expect(deployment.stages.find(({ name }) => name === 'gate')?.status).toBe('failed');
  await expectUntouched(world, live);
});

describe('when the live check fails', () => {
  test('given a live deployment, then it is switched back to it, and says so', async () => {
    const { world, live } = await deployedBefore();
    world.liveStatus = 500;
    const id = await world.deploy();
    await world.buildWell();
    const deployment = await world.ended(id);

    expect(deployment).toMatchObject({ status: 'failed', releaseState: 'rolled-back', progress: 80 + 10 });
    expect(errorOf(deployment)).toMatchObject({ code: 'LIVE_CHECK_FAILED', stage: 'activate' });
    expect(world.target.history).toEqual([live, id, live]);
    await expectUntouched(world, live);
    expect(await world.log(id)).toContain(`Switched back: production serves ${live} again.`);
    await world.rest();
    expect(world.events.map(({ type }) => type)).toContain('deployment.rolled-back');
  });

  test('of a first deployment, then it stays live as a failed one and is nothing to go back to', async () => {
    const world = await World.create();
    world.liveStatus = 500;
    const id = await world.deploy();
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'active' });
    expect(world.target.served).toBe(id);

    world.liveStatus = 200;
    const fix = 'd'.repeat(40);
    world.refs.set('main', fix);
    const next = await world.deploy();
    await world.report(await world.claimed(), built(fix));
    await world.ended(next);
    const slot = await world.slot();
    expect(slot.active).toBe(next);
    expect(slot.previousGood).toBeUndefined();
  });

  test('and the switch back gets no answer although it was done, then the record says what is served', async () => {
    const { world, live } = await deployedBefore();
    world.liveStatus = 500;
    world.target.faults.restore = 'no-answer-but-done';
    const id = await world.deploy();
    await world.buildWell();
    await world.until(async () => (world.target.history.length === 3 ? true : undefined));
    await world.rest();
    expect((await world.deployment(id)).settling).toBeDefined();
    expect((await world.slot()).owner).toBe(id);
    world.advance(200);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });
});

test('when the target refuses the release, then nothing was ever live', async () => {
  const { world, live } = await deployedBefore();
  world.target.faults.start = 'refused';
  const id = await world.deploy();
  await world.buildWell();
  expect(errorOf(await world.ended(id))).toMatchObject({ code: 'RELEASE_FAILED', stage: 'release' });
  await expectUntouched(world, live);
});

test('when the event bus is down, then the deployment succeeds, and the sweep announces it later', async () => {
  const world = await World.create();
  world.busWorks = false;
  const id = await world.deploy();
  await world.buildWell();
  expect((await world.ended(id)).status).toBe('succeeded');
  await world.rest();
  expect(world.events).toEqual([]);
  world.busWorks = true;
  world.advance(60);
  await world.sweep();
  expect(world.events.map(({ type }) => type)).toEqual(['deployment.created', 'deployment.completed']);
  const { published, revision } = await world.deployment(id);
  expect(published).toBe(revision);
});
