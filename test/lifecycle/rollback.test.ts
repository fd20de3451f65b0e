import { describe, expect, test } from 'vitest';
import { Conflict } from '../../shared/errors/requests.ts';
import { changeEnvironment, requireEnvironment } from '../../shared/store/environments.ts';
import { liftPin } from '../../shared/store/pin.ts';
import { ids } from '../support/records.ts';
import { deployedBefore } from './world/given.ts';
import { built, World } from './world/world.ts';

const commitOf = (n: number) => `${n}`.repeat(40);

/** Deploys a commit of its own, so that each is another version. */
async function deployCommit(world: World, n: number, body: Record<string, unknown> = {}): Promise<string> {
  const id = await world.deploy({ source: { type: 'commit', ref: commitOf(n) }, ...body });
  await world.report(await world.claimed(), built(commitOf(n)));
  await world.ended(id);
  return id;
}

async function configure(world: World, configuration: Record<string, string>): Promise<void> {
  await changeEnvironment(world.store, await environment(world), { configuration });
}
const environment = (world: World) => requireEnvironment(world.store, ids.project, 'production');

describe('given a good deployment and a bad one after it', () => {
  async function goodAndBad() {
    const world = await World.create();
    await configure(world, { color: 'blue' });
    const good = await deployCommit(world, 1, { parametersOverride: { size: 1 } });
    await configure(world, { color: 'green', beta: 'on' });
    const bad = await deployCommit(world, 2);
    return { world, good, bad };
  }

  test('when somebody rolls back, then the good one is served again as the new deployment, without a build', async () => {
    const { world, good, bad } = await goodAndBad();
    const id = await world.rollback(bad);
    const back = await world.ended(id);

    expect(back).toMatchObject({
      type: 'rollback',
      status: 'succeeded',
      releaseState: 'active',
      progress: 100,
      source: { commit: { sha: commitOf(1) } },
      artifact: (await world.deployment(good)).artifact,
      trigger: { kind: 'rollback', actor: 'ann' },
      rollback: { ofDeploymentId: bad, targetDeploymentId: good, reason: 'checkout is broken', by: 'ann' },
    });
    expect(back.snapshot).toMatchObject({
      configuration: { color: 'blue' },
      parameters: { size: 1 },
      frozen: true,
    });
    expect(world.target.served).toBe(id);
    expect(world.engine.executions.get(id)?.entered).toEqual([
      'gate',
      'release',
      'activate',
      'another-round',
      'settle',
    ]);
    expect(back.cost.transitions).toBeLessThanOrEqual(6);
    expect(back.stages.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'gate succeeded',
      'build skipped',
      'release succeeded',
      'verify skipped',
      'activate succeeded',
      'settle succeeded',
    ]);
  });

  test('then the bad one says when, by whom, why and for what it was left, and the world hears of it', async () => {
    const { world, bad } = await goodAndBad();
    const id = await world.rollback(bad);
    await world.ended(id);
    await world.rest();

    expect(await world.deployment(bad)).toMatchObject({
      status: 'succeeded',
      releaseState: 'rolled-back',
      rolledBack: { by: 'ann', reason: 'checkout is broken', deploymentId: id },
    });
    const told = world.events.filter(({ type }) => type === 'deployment.rolled-back');
    expect(told.map(({ detail }) => detail['deploymentId'])).toEqual([bad]);
  });

  test('then the configuration of the environment is the earlier one in a new revision, and the project keeps its own', async () => {
    const { world, bad } = await goodAndBad();
    const [before, project] = [await environment(world), await world.project()];
    await world.ended(await world.rollback(bad));

    const after = await environment(world);
    expect(after.configuration).toEqual({ color: 'blue' });
    expect(after.revision).toBe(before.revision + 1);
    expect((await world.project()).configuration).toEqual(project.configuration);
  });

  test('then the environment is pinned, the bad version is blocked, and a newer one lifts both', async () => {
    const { world, bad } = await goodAndBad();
    const id = await world.rollback(bad);
    const { pin, blocked } = await world.slot();
    expect(pin).toMatchObject({ deploymentId: id, by: 'ann', reason: 'checkout is broken' });
    expect(blocked).toMatchObject([{ key: commitOf(2), deploymentId: bad }]);
    await world.ended(id);
    expect((await world.slot()).pin).toEqual(pin);

    await deployCommit(world, 3);
    const lifted = await world.slot();
    expect([lifted.pin, lifted.blocked]).toEqual([undefined, undefined]);
  });

  test('then a person who starts the bad version again is warned, and pin and block can be lifted', async () => {
    const { world, bad } = await goodAndBad();
    await world.ended(await world.rollback(bad));
    const again = await world.deploy({ source: { type: 'commit', ref: commitOf(2) } });
    await world.offered(again);
    expect((await world.deployment(again)).validation.warnings.join()).toContain('is blocked here since');
    expect(await liftPin(world.store, ids.project, 'production')).toBe(true);
    const { pin, blocked } = await world.slot();
    expect([pin, blocked]).toEqual([undefined, undefined]);
    expect(await liftPin(world.store, ids.project, 'production')).toBe(false);
  });

  test('then a pipeline that pushes a branch of the bad commit again is refused once the branch is looked up', async () => {
    const { world, bad } = await goodAndBad();
    const back = await world.rollback(bad);
    await world.ended(back);
    world.refs.set('main', commitOf(2));
    const pushed = await world.deploy({ source: { type: 'branch', ref: 'main' }, method: 'automatic' });
    const ended = await world.ended(pushed);

    expect(ended).toMatchObject({ status: 'failed', releaseState: 'none', trigger: { kind: 'automatic' } });
    expect('error' in ended && ended.error?.message).toContain('is blocked here since');
    expect(world.target.served).toBe(back);
  });

  test('a rollback of the rollback goes further back, never to the bad one', async () => {
    const world = await World.create();
    const first = await deployCommit(world, 1);
    const second = await deployCommit(world, 2);
    const bad = await deployCommit(world, 3);
    const back = await world.rollback(bad);
    await world.ended(back);
    const further = await world.rollback(back);
    const ended = await world.ended(further);

    expect((await world.deployment(back)).rollback?.targetDeploymentId).toBe(second);
    expect(ended.rollback?.targetDeploymentId).toBe(first);
    expect(world.target.served).toBe(further);
    await expect(world.rollback(further)).rejects.toMatchObject({
      code: 'ROLLBACK_FAILED',
      facts: { issues: [{ code: 'NOTHING_EARLIER' }] },
    });
  });

  test('when the restored one fails its live check, then it is switched back, and both versions are kept out', async () => {
    const { world, bad } = await goodAndBad();
    world.liveStatus = 500;
    const id = await world.rollback(bad);
    const back = await world.ended(id);
    expect(back).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    expect(world.target.served).toBe(bad);
    const { active, owner, blocked } = await world.slot();
    expect([active, owner]).toEqual([bad, undefined]);
    expect(blocked?.map(({ key }) => key)).toEqual([commitOf(2), commitOf(1)]);
    expect((await environment(world)).configuration).toEqual({ color: 'green', beta: 'on' });
  });

  test('a rollback that cannot be is refused with its reason, and nothing moves', async () => {
    const { world, good, bad } = await goodAndBad();
    const slot = await world.slot();
    const refused = async (id: string, body: object, code: string) => {
      const failure = await world.rollback(id, { ...body }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Conflict);
      expect(failure).toMatchObject({ code: 'ROLLBACK_FAILED', facts: { issues: [{ code }] } });
    };
    await refused(good, {}, 'NOT_LIVE');
    await refused(bad, { targetDeploymentId: bad }, 'ALREADY_LIVE');
    world.artifactsKept = false;
    await refused(bad, {}, 'ARTIFACT_GONE');
    expect(await world.slot()).toEqual(slot);
  });
});

describe('given a deployment that runs', () => {
  test('a rollback asks it to make way, is first in line, and goes live after it', async () => {
    const { world, live } = await deployedBefore();
    const bad = await deployCommit(world, 2);
    const running = await world.deploy({ source: { type: 'commit', ref: commitOf(3) } });
    await world.offered(running);
    const id = await world.rollback(bad);
    const back = await world.ended(id);

    expect(await world.ended(running)).toMatchObject({ status: 'canceled', releaseState: 'none' });
    expect((await world.deployment(running)).cancelRequested?.reason).toContain(id);
    expect(back).toMatchObject({ status: 'succeeded', rollback: { targetDeploymentId: live } });
    expect(world.target.served).toBe(id);
    expect((await world.slot()).owner).toBeUndefined();
  });

  test('and others that wait in line, a rollback goes before them all', async () => {
    const world = await World.create({ environment: { concurrency: 'queue' } });
    await deployCommit(world, 1);
    const bad = await deployCommit(world, 2);
    const running = await world.deploy({ source: { type: 'commit', ref: commitOf(3) } });
    await world.offered(running);
    const waiting = await world.deploy({ source: { type: 'commit', ref: commitOf(4) } });
    const back = await world.rollback(bad);
    await world.ended(running);
    await world.ended(back);

    expect(world.target.served).toBe(back);
    await world.report(await world.claimed(), built(commitOf(4)));
    expect((await world.ended(waiting)).status).toBe('succeeded');
    expect(world.target.history.slice(-2)).toEqual([back, waiting]);
  });

  test('a second rollback is refused and names the one that is open', async () => {
    const { world } = await deployedBefore();
    const bad = await deployCommit(world, 2);
    await world.deploy({ source: { type: 'commit', ref: commitOf(3) } });
    const both = await Promise.allSettled([world.rollback(bad), world.rollback(bad)]);
    const made = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(made).toHaveLength(1);
    expect(refused).toMatchObject([
      { code: 'ROLLBACK_FAILED', facts: { deploymentId: made[0], issues: [{ code: 'ROLLBACK_OPEN' }] } },
    ]);
    await world.ended(made[0] ?? '');
  });
});

describe('given a deployment that failed its live check and was switched back', () => {
  test('its version is blocked, its log says so, and its record says why it was left', async () => {
    const { world, live } = await deployedBefore();
    world.liveStatus = 500;
    const bad = await deployCommit(world, 2);
    expect(await world.deployment(bad)).toMatchObject({
      releaseState: 'rolled-back',
      rolledBack: { by: 'slipway', deploymentId: bad },
    });
    const { active, blocked, pin } = await world.slot();
    expect([active, pin]).toEqual([live, undefined]);
    expect(blocked).toMatchObject([{ key: commitOf(2), deploymentId: bad }]);
    expect((await world.log(bad)).join('\n')).toContain(`Version #2 (222222222222) is blocked in production`);
  });
});
