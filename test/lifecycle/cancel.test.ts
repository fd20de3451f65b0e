import { describe, expect, test } from 'vitest';
import type { CancelOutcome } from '../../shared/domain/cancellation.ts';
import type { TargetContext } from '../../shared/targets/target.ts';
import type { StateName } from './world/engine.ts';
import { deployedBefore, expectUntouched } from './world/given.ts';
import { built, World } from './world/world.ts';

/** Has somebody cancel the next deployment, once, in the moment before or after the function of a state runs. */
function cancelAround(world: World, state: StateName, when: 'before' | 'after') {
  const { invoke } = world.engine;
  const outcomes: (CancelOutcome | 'left-alone')[] = [];
  world.engine.invoke = async (entered, payload) => {
    const isMoment = entered === state && outcomes.length === 0;
    const cancel = async () =>
      void outcomes.push((await world.cancel(String(payload['deploymentId']))).outcome);
    if (isMoment && when === 'before') await cancel();
    const answer = await invoke(entered, payload);
    if (isMoment && when === 'after') await cancel();
    return answer;
  };
  return outcomes;
}

/** Has something happen inside a call to the target, before it is sent or when its answer (or none) is there. */
function inside(
  world: World,
  method: 'start' | 'activate',
  moment: 'before' | 'after',
  act: (deploymentId: string) => Promise<unknown>,
) {
  const { target } = world;
  const wrapped =
    <T>(call: (ctx: TargetContext) => Promise<T>) =>
    async (ctx: TargetContext): Promise<T> => {
      if (moment === 'before') await act(ctx.deploymentId);
      try {
        return await call(ctx);
      } finally {
        if (moment === 'after') await act(ctx.deploymentId);
      }
    };
  if (method === 'start') target.start = wrapped(target.start);
  else target.activate = wrapped(target.activate);
}

async function expectNeverLive(world: World, id: string, live: string | undefined): Promise<void> {
  const deployment = await world.ended(id);
  expect(deployment).toMatchObject({ status: 'canceled', releaseState: 'none' });
  expect('error' in deployment).toBe(false);
  expect(world.target.history).not.toContain(id);
  expect(deployment.stages.some(({ status }) => status === 'running')).toBe(false);
  await expectUntouched(world, live);
}

/** The slot is free: the next deployment goes through. */
async function expectNextWorks(world: World): Promise<void> {
  const next = await world.deploy();
  await world.buildWell();
  expect((await world.ended(next)).status).toBe('succeeded');
  expect(world.target.served).toBe(next);
}

describe('a cancel around the function of a state', () => {
  const cases: [
    StateName,
    'before' | 'after',
    CancelOutcome,
    'never-live' | 'switched-back' | 'succeeded',
  ][] = [
    ['gate', 'before', 'stopped', 'never-live'],
    ['gate', 'after', 'stopping', 'never-live'],
    ['build', 'before', 'stopping', 'never-live'],
    ['build', 'after', 'stopping', 'never-live'],
    ['release', 'before', 'stopping', 'never-live'],
    ['release', 'after', 'stopping', 'never-live'],
    ['verify', 'before', 'stopping', 'never-live'],
    ['verify', 'after', 'stopping', 'never-live'],
    ['activate', 'before', 'stopping', 'never-live'],
    ['activate', 'after', 'stopping', 'switched-back'],
    ['settle', 'before', 'stopping', 'switched-back'],
    ['settle', 'after', 'already-finished', 'succeeded'],
  ];

  test.each(cases)('%s (%s it) is %s, and the deployment is %s', async (state, when, outcome, end) => {
    const { world, live } = await deployedBefore();
    const outcomes = cancelAround(world, state, when);
    const id = await world.deploy();
    if (state !== 'gate' && !(state === 'build' && when === 'before')) {
      // Whoever is told to stop says so; a build that is done by then is done.
      const job = await world.until(() => world.claim()).catch(() => undefined);
      if (job !== undefined) await world.report(job, built());
    }
    const deployment = await world.ended(id);
    expect(await world.until(async () => outcomes[0])).toBe(outcome);
    if (end === 'never-live') await expectNeverLive(world, id, live);
    if (end === 'switched-back') {
      expect(deployment).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
      // Two settlements may both switch back: the machine's and the one that the wish set going.
      const changes = world.target.history.filter((served, n, all) => served !== all[n - 1]);
      expect(changes).toEqual([live, id, live]);
      await expectUntouched(world, live);
    }
    if (end === 'succeeded') expect(world.target.served).toBe(id);
    await expectNextWorks(world);
  });
});

describe('a cancel while a runner', () => {
  test('looks up the ref ends the wait of the gate', async () => {
    const world = await World.create({
      project: { repository: { url: 'ssh://git@git.example.com/shop.git', defaultBranch: 'main' } },
    });
    const id = await world.deploy();
    const job = await world.claimed('resolve');
    await world.cancel(id);
    await expectNeverLive(world, id, undefined);
    expect(await world.report(job, { outcome: 'resolved', lines: 0, commit: { sha: 'd'.repeat(40) } })).toBe(
      'gone',
    );
  });

  test('has not come for the build ends it at once, and nobody can claim the job any more', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    await world.offered(id);
    await world.cancel(id);
    await expectNeverLive(world, id, live);
    expect(await world.claim()).toBeUndefined();
    await expectNextWorks(world);
  });

  test('builds reaches it; it ends canceled when the runner says that it has stopped', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    const job = await world.claimed();
    expect((await world.cancel(id)).outcome).toBe('stopping');
    await world.until(async () => (world.calledOff.includes(job.job.jobKey) ? true : undefined));
    expect((await world.deployment(id)).status).toBe('canceling');
    expect((await world.slot()).owner).toBe(id);
    await world.report(job, { outcome: 'canceled', lines: 0 });
    await expectNeverLive(world, id, live);
    expect(await world.log(id)).toContain('Ended canceled, asked for by ann: wrong branch');
    const { stages } = await world.deployment(id);
    expect(stages.find(({ name }) => name === 'build')).toMatchObject({
      status: 'failed',
      message: 'Canceled.',
    });
    await expectNextWorks(world);
  });

  test('builds and never answers ends at the deadline of the cancel all the same', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    const job = await world.claimed();
    const { until = 0 } = await world.cancel(id);
    await world.rest();
    world.advance(59);
    await world.sweep();
    expect((await world.deployment(id)).status).toBe('canceling');
    world.advance(2);
    await world.sweep();
    await expectNeverLive(world, id, live);
    expect(world.store.clock.now()).toBeLessThanOrEqual(until);
    expect(await world.report(job, built())).toBe('gone');
    await expectNextWorks(world);
  });

  test('has just built it ends canceled with the artifact that is there, and is never live', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    const job = await world.claimed();
    await Promise.all([world.cancel(id), world.report(job, built())]);
    await expectNeverLive(world, id, live);
  });
});

describe('a cancel inside a call to the target', () => {
  test('that places the release is never live', async () => {
    const { world, live } = await deployedBefore();
    inside(world, 'start', 'before', (id) => world.cancel(id));
    const id = await world.deploy();
    await world.buildWell();
    await expectNeverLive(world, id, live);
  });

  test.each(['before', 'after'] as const)(
    'that switches (%s it took effect) is a switch back',
    async (when) => {
      const { world, live } = await deployedBefore();
      inside(world, 'activate', when, (id) => world.cancel(id));
      const id = await world.deploy();
      await world.buildWell();
      const deployment = await world.ended(id);
      expect(deployment.status).toBe('canceled');
      await expectUntouched(world, live);
      expect(world.target.history.at(-1)).toBe(live);
      expect(await world.log(id)).toContain('Ended canceled, asked for by ann: wrong branch');
    },
  );

  test('that lands after its time was up is waited for, and switched back', async () => {
    const { world, live } = await deployedBefore();
    world.target.faults.activate = 'lands-later';
    world.target.readable = false;
    inside(world, 'activate', 'after', (id) => world.cancel(id));
    const id = await world.deploy();
    await world.buildWell();
    await world.until(async () => ((await world.deployment(id)).settling === undefined ? undefined : true));
    await world.rest();
    expect((await world.slot()).owner).toBe(id);
    world.target.readable = true;
    world.target.late?.();
    expect(world.target.served).toBe(id);
    world.advance(200);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });

  test('of the first deployment there ever was goes back to nothing', async () => {
    const world = await World.create();
    inside(world, 'activate', 'after', (id) => world.cancel(id));
    const id = await world.deploy();
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
    await expectUntouched(world, undefined);
  });
});

describe('when what should follow the wish is lost', () => {
  test('with the relay, the sweep stops the build within a minute of the wish', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    await world.claimed();
    world.relayWorks = false;
    await world.cancel(id);
    world.advance(61);
    await world.sweep();
    await expectNeverLive(world, id, live);
  });

  test('with the relay, the sweep wakes the gate', async () => {
    const world = await World.create({
      project: { repository: { url: 'ssh://git@git.example.com/shop.git', defaultBranch: 'main' } },
    });
    const id = await world.deploy();
    await world.offered(id);
    world.relayWorks = false;
    await world.cancel(id);
    world.advance(31);
    await world.sweep();
    await expectNeverLive(world, id, undefined);
  });

  test('before the machine was ever started, it ends without one', async () => {
    const world = await World.create();
    const start = world.engine.start.bind(world.engine);
    world.engine.start = async () => undefined;
    const id = await world.deploy();
    await world.cancel(id);
    world.advance(61);
    await world.sweep();
    await expectNeverLive(world, id, undefined);
    world.engine.start = start;
    await expectNextWorks(world);
  });

  test('and the execution dies with it, it ends canceled, not failed', async () => {
    const { world, live } = await deployedBefore();
    const id = await world.deploy();
    await world.claimed();
    await world.cancel(id);
    await world.engine.stop(`arn:execution:${id}`);
    await expectNeverLive(world, id, live);
  });
});

describe('a cancel of a deployment that is failing', () => {
  test('switches back what a failure alone would have left live, and keeps the failure as the reason', async () => {
    const { world, live } = await deployedBefore();
    world.liveStatus = 500;
    const outcomes = cancelAround(world, 'settle', 'before');
    const id = await world.deploy({ rollbackOnFailure: false });
    await world.buildWell();
    const deployment = await world.ended(id);
    expect(outcomes).toEqual(['stopping']);
    expect(deployment).toMatchObject({
      status: 'failed',
      releaseState: 'rolled-back',
      error: { code: 'LIVE_CHECK_FAILED' },
    });
    await expectUntouched(world, live);
  });
});

test('when thirty people cancel at once, then it is canceled once, for the first reason', async () => {
  const { world, live } = await deployedBefore();
  const id = await world.deploy();
  await world.offered(id);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => world.cancel(id, `reason ${n}`)));
  await expectNeverLive(world, id, live);
  const reasons = new Set(answers.map(({ deployment }) => deployment.cancelRequested?.reason));
  expect([...reasons]).toEqual([(await world.deployment(id)).cancelRequested?.reason]);
  await world.rest();
  const completed = world.events.filter(
    ({ type, detail }) => type === 'deployment.completed' && detail['deploymentId'] === id,
  );
  expect(completed).toHaveLength(1);
});
