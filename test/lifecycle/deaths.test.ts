import { describe, expect, test } from 'vitest';
import { settleDeployment } from '../../functions/steps/settle.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { WATCH_FREED_MS } from '../../shared/domain/settlement.ts';
import { MUST_EXIST } from '../../shared/store/conditions.ts';
import { deleteItem } from '../../shared/store/engine.ts';
import { finishJob } from '../../shared/store/jobs.ts';
import { environmentKey } from '../../shared/store/keys.ts';
import { appendLines } from '../../shared/store/log-append.ts';
import { releaseSlot } from '../../shared/store/slot-release.ts';
import { sabotaged } from '../shared/store/log-chain/chain.ts';
import { ids } from '../support/records.ts';
import type { StateName } from './world/engine.ts';
import { deployedBefore, endsDraining, expectUntouched } from './world/given.ts';
import { built, type Crash, World } from './world/world.ts';

const PLACE = { projectId: ids.project, environment: 'production' };
const errorOf = (deployment: Deployment) => ('error' in deployment ? deployment.error : undefined);

describe('when the function of a state is killed', () => {
  const cases: [StateName, Crash, Deployment['status']][] = [
    ['gate', 'before', 'failed'],
    ['build', 'before', 'failed'],
    ['release', 'before', 'failed'],
    ['verify', 'before', 'failed'],
    ['activate', 'before', 'failed'],
    // The work was done and noted; only the machine does not know. Records count, not the machine's opinion.
    ['activate', 'after', 'succeeded'],
    ['settle', 'before', 'succeeded'],
    ['settle', 'after', 'succeeded'],
  ];

  test.each(cases)('in %s (%s its work), then the deployment ends %s', async (state, crash, status) => {
    const { world, live } = await deployedBefore();
    world.crashes[state] = crash;
    const id = await world.deploy();
    if (state !== 'gate' && state !== 'build') await world.buildWell();
    const deployment = await world.ended(id);

    expect(deployment.status).toBe(status);
    if (status === 'failed') {
      expect(errorOf(deployment)).toMatchObject({ code: 'INTERNAL' });
      expect(deployment.stages.some((stage) => stage.status === 'running')).toBe(false);
      await expectUntouched(world, live);
    } else {
      expect(world.target.served).toBe(id);
      expect((await world.slot()).active).toBe(id);
    }
  });

  test('right after the switch, then what is served is switched back', async () => {
    const { world, live } = await deployedBefore();
    world.target.faults.activate = 'no-answer-but-done';
    world.target.readable = false;
    const id = await world.deploy();
    await world.buildWell();
    await world.until(async () => ((await world.deployment(id)).settling === undefined ? undefined : true));
    expect(world.target.served).toBe(id);
    world.target.readable = true;
    world.advance(200);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });
});

describe('when the execution is stopped behind the back of the service', () => {
  test('then the status rule settles it', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    const job = await world.claimed();
    await world.engine.stop(`arn:execution:${id}`);
    const deployment = await world.ended(id);
    expect(deployment.status).toBe('failed');
    expect(errorOf(deployment)).toMatchObject({ code: 'INTERNAL', stage: 'build' });
    await expectUntouched(world, live);
    expect(await world.report(job, built())).toBe('gone');
  });

  test('and the rule is lost as well, then the sweep finds it within a minute', async () => {
    const { world, live } = await deployedBefore();
    world.ruleWorks = false;
    const id = await world.deploy();
    await world.offered(id);
    await world.engine.stop(`arn:execution:${id}`);
    world.advance(59);
    await world.sweep();
    expect((await world.deployment(id)).status).toBe('building');
    world.advance(2);
    await world.sweep();
    const deployment = await world.ended(id);
    expect(errorOf(deployment)).toMatchObject({ code: 'INTERNAL', stage: 'build' });
    await expectUntouched(world, live);
  });
});

describe('when a runner', () => {
  test('is lost, then the deployment fails with a heartbeat reason and the runner hears that it is gone', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    const job = await world.claimed();
    world.advance(59);
    await world.sweep();
    expect((await world.deployment(id)).status).toBe('building');
    world.advance(2);
    await world.sweep();
    const deployment = await world.ended(id);
    expect(errorOf(deployment)).toMatchObject({
      code: 'RUNNER_LOST',
      stage: 'build',
      retryable: true,
      message: 'Runner laptop was not heard of for 60 s (heartbeat).',
    });
    expect(await world.report(job, built())).toBe('gone');
    await expectUntouched(world, live);
  });

  test('never comes, then the deployment times out at the claim deadline', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    await world.offered(id);
    world.advance(599);
    await world.sweep();
    expect((await world.deployment(id)).status).toBe('building');
    world.advance(2);
    await world.sweep();
    const deployment = await world.ended(id);
    expect(deployment.status).toBe('timeout');
    expect(errorOf(deployment)?.message).toBe('No runner took the job within 600 s.');
    expect(await world.claim()).toBeUndefined();
    await expectUntouched(world, live);
  });

  test('whose result was written but moved nothing falls silent, then the deployment fails within its heartbeat', async () => {
    const world = await World.create();
    const id = await world.deploy();
    const { job } = await world.claimed();
    await finishJob(world.store, job.jobKey, built());
    world.advance(61);
    await world.sweep();
    expect(errorOf(await world.ended(id))).toMatchObject({ code: 'RUNNER_LOST', stage: 'build' });
    expect((await world.slot()).owner).toBeUndefined();
  });

  test('wrote its last lines just before a result that moved nothing, then that has its minute, however short a silence counts', async () => {
    const world = await World.create({ environment: { timeouts: { heartbeatSeconds: 5 } } });
    const id = await world.deploy();
    const { job } = await world.claimed();
    world.advance(20);
    const at = world.store.clock.now();
    const line = { at, level: 'info', step: 'build', source: 'build', message: 'x' } as const;
    await appendLines(world.store, id, 'build.0', 0, [line]);
    await finishJob(world.store, job.jobKey, built());
    world.advance(40);
    await world.sweep();
    expect((await world.deployment(id)).status).toBe('building');
    world.advance(25);
    await world.sweep();
    expect(errorOf(await world.ended(id))).toMatchObject({ code: 'RUNNER_LOST', stage: 'build' });
  });

  test('builds for too long, then the deployment times out although it beats', async () => {
    const world = await World.create({ environment: { timeouts: { buildSeconds: 30 } } });
    const id = await world.deploy();
    await world.claimed();
    world.advance(31);
    await world.sweep();
    expect((await world.ended(id)).status).toBe('timeout');
    await expectUntouched(world, undefined);
  });

  test('answers in the very moment it is given up, then one of both counts and the slot is free', async () => {
    const world = await World.create();
    const id = await world.deploy();
    const job = await world.claimed();
    world.advance(61);
    await Promise.all([world.report(job, built()), world.sweep()]);
    const deployment = await world.ended(id);
    expect(['succeeded', 'failed']).toContain(deployment.status);
    expect((await world.slot()).owner).toBeUndefined();
    expect(world.target.served).toBe(deployment.status === 'succeeded' ? id : undefined);
  });
});

describe('when something that should have followed a write is lost', () => {
  test('a start whose execution was not started is started by the sweep', async () => {
    const world = await World.create();
    const start = world.engine.start.bind(world.engine);
    world.engine.start = async () => undefined;
    const id = await world.deploy();
    world.engine.start = start;
    world.advance(31);
    await world.sweep();
    await world.buildWell();
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('a wake that the relay lost is found by the sweep', async () => {
    const world = await World.create({
      project: { repository: { url: 'ssh://git@git.example.com/shop.git' } },
    });
    const id = await world.deploy();
    const job = await world.claimed('resolve');
    world.relayWorks = false;
    await world.report(job, { outcome: 'resolved', lines: 0, commit: { sha: 'd'.repeat(40) } });
    expect((await world.deployment(id)).status).toBe('created');
    world.advance(31);
    await world.sweep();
    await world.inStage(id, 'build');
  });

  test('an answer whose sending was lost is sent by the sweep', async () => {
    const world = await World.create();
    const id = await world.deploy();
    const job = await world.claimed();
    const { succeed } = world.engine;
    world.engine.succeed = () => Promise.reject(new Error('the answer was lost on the way'));
    await expect(world.report(job, built())).rejects.toThrow('lost on the way');
    world.engine.succeed = succeed;
    world.advance(31);
    await world.sweep();
    expect((await world.ended(id)).status).toBe('succeeded');
  });
});

/** What is new is live, its settlement died, and the target cannot be read any more. */
async function liveAndUnreadable() {
  const { world, live } = await deployedBefore();
  const id = await world.deploy();
  await world.buildWell();
  world.crashes.settle = 'before';
  await world.until(async () => (world.target.served === id ? true : undefined));
  world.target.readable = false;
  return { world, live, id };
}

describe('draining', () => {
  test('given a call on the wire, when the deployment is settled, then the slot is kept until the call is past', async () => {
    const { world, live } = await deployedBefore();
    world.target.faults.activate = 'lands-later';
    world.target.readable = false;
    const id = await world.deploy();
    await world.buildWell();
    const settling = await world.until(async () => {
      const deployment = await world.deployment(id);
      return deployment.settling === undefined ? undefined : deployment;
    });
    expect(Object.keys(settling.calls)).toHaveLength(1);
    world.target.readable = true;
    world.advance(30);
    await world.sweep();
    expect((await world.slot()).owner).toBe(id);
    // The call lands before its time is up, as rule 4 says it must.
    world.target.late?.();
    world.advance(200);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });

  test('given a target that cannot be read, then it ends timeout, keeps the slot, and frees it when it can be read', async () => {
    const { world, id } = await liveAndUnreadable();
    await endsDraining(world, id);
    expect(await world.slot()).toMatchObject({ owner: id, reason: `draining:${id}` });
    await expect(world.deploy()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });

    world.target.readable = true;
    world.advance(60);
    await world.sweep();
    expect(await world.deployment(id)).toMatchObject({
      status: 'timeout',
      releaseState: 'active',
      draining: false,
    });
    const slot = await world.slot();
    expect(slot).toMatchObject({ active: id });
    expect(slot.owner).toBeUndefined();
  });
});

describe('draining, once an admin has freed the slot', () => {
  /** Live, and unreadable until its drain was over. */
  async function freed() {
    const { world, live, id } = await liveAndUnreadable();
    await endsDraining(world, id);
    await releaseSlot(world.store, PLACE, { by: 'ann', reason: 'looked at the target' });
    expect((await world.slot()).owner).toBeUndefined();
    return { world, live, id };
  }
  const look = async (world: World) => {
    world.advance(60);
    await world.sweep();
  };

  test('given its release is live, when the target can be read, then record and environment learn it', async () => {
    const { world, live, id } = await freed();
    await look(world);
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'none', draining: true });
    expect(await world.slot()).toMatchObject({ active: live });

    world.target.readable = true;
    await look(world);
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'active', draining: false });
    expect(await world.deployment(live)).toMatchObject({ releaseState: 'inactive' });
    expect(await world.slot()).toMatchObject({ active: id });
  });

  test('given another release is live, when the target can be read, then the record says that it never was', async () => {
    const { world, live, id } = await freed();
    world.target.served = live;
    world.target.readable = true;
    await look(world);
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'none', draining: false });
    expect(await world.slot()).toMatchObject({ active: live });
  });

  test('while the next one changes what is served, then nothing is said about the one before', async () => {
    const { world, id } = await freed();
    const next = await world.deploy();
    await world.offered(next);
    world.target.readable = true;
    await look(world);
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'none', draining: true });
    await world.buildWell();
    expect((await world.ended(next)).status).toBe('succeeded');
    await look(world);
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'inactive', draining: false });
    expect(await world.slot()).toMatchObject({ active: next });
  });

  test('when its environment is deleted, then it is not looked at any more, whatever is served', async () => {
    const { world, live, id } = await freed();
    await deleteItem(world.store, environmentKey(PLACE.projectId, PLACE.environment), MUST_EXIST);
    world.target.readable = true;
    await look(world);
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'none', draining: false });
    expect(await world.deployment(live)).toMatchObject({ releaseState: 'active' });
  });

  test('when it could not be read for a week, then it is not looked at any more', async () => {
    const { world, live, id } = await freed();
    world.advance(WATCH_FREED_MS / 1000);
    await world.sweep();
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'none', draining: false });
    expect(await world.slot()).toMatchObject({ active: live });
  });
});

test('when a settlement dies between its last words and its write, then the next says none of them again', async () => {
  const { world } = await deployedBefore();
  world.target.faults.activate = 'no-answer-but-done';
  world.target.readable = false;
  world.ruleWorks = false;
  const id = await world.deploy();
  await world.buildWell();
  // The machine's own settlement has to wait for a call, and leaves it to whoever comes next.
  await world.until(
    async () => (await world.deployment(id)).note?.match(/^Waiting until no call/) ?? undefined,
  );
  world.target.readable = true;
  world.advance(200);
  const deps = world.stepsDeps();
  const store = sabotaged(deps.store, (command) =>
    command === 'TransactWriteItemsCommand' ? 'die' : 'go-on',
  );
  const occasion = { kind: 'reap', reason: 'execution-ended' } as const;
  await expect(settleDeployment({ ...deps, store }, id, occasion)).rejects.toThrow('died');
  const lastWords = (await world.steps(id, 'settle')).slice(-2);
  expect(lastWords).toEqual([
    expect.stringMatching(/^Switched back/),
    expect.stringMatching(/^Ended failed in activate/),
  ]);

  await settleDeployment(deps, id, occasion);
  expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
  expect((await world.log(id)).filter((line) => lastWords.includes(line))).toEqual(lastWords);
});

test('when two settle the same deployment at once, then it ends once', async () => {
  const { world, live } = await deployedBefore();
  const id = await world.deploy();
  await world.claimed();
  const deps = world.stepsDeps();
  const occasion = { kind: 'reap', reason: 'execution-ended' } as const;
  await Promise.all([settleDeployment(deps, id, occasion), settleDeployment(deps, id, occasion)]);
  const deployment = await world.ended(id);
  expect(deployment.status).toBe('failed');
  expect((await world.log(id)).filter((line) => line.startsWith('Ended'))).toHaveLength(1);
  await world.rest();
  expect(
    world.events.filter(
      ({ type, detail }) => type === 'deployment.completed' && detail['deploymentId'] === id,
    ),
  ).toHaveLength(1);
  await expectUntouched(world, live);
});
