import { describe, expect, test } from 'vitest';
import { settleDeployment } from '../../functions/steps/settle.ts';
import type { Concurrency, Deployment } from '../../shared/domain/records.ts';
import { MUST_EXIST } from '../../shared/store/conditions.ts';
import { deleteItem, transact } from '../../shared/store/engine.ts';
import { changeEnvironment, requireEnvironment } from '../../shared/store/environments.ts';
import { environmentKey } from '../../shared/store/keys.ts';
import { rewriteSlot, slotWithLine } from '../../shared/store/slot.ts';
import { releaseSlot } from '../../shared/store/slot-release.ts';
import { dueDeployments } from '../../shared/store/work.ts';
import { ids } from '../support/records.ts';
import { built, failedBuild, World } from './world/world.ts';

const withPolicy = (concurrency: Concurrency, startsPerMinute = 1000) =>
  World.create({
    environment: { concurrency },
    project: { settings: { runner: { kind: 'agent' }, startsPerMinute } },
  });

const found = (world: World) => slotWithLine(world.store, ids.project, 'production');
const waiting = async (world: World) => (await found(world)).line.map(({ deploymentId }) => deploymentId);

/** The deployment once its gate has said that it waits. */
const queued = (world: World, id: string): Promise<Deployment> =>
  world.until(async () => {
    const deployment = await world.deployment(id);
    return deployment.note?.startsWith('waiting in line') ? deployment : undefined;
  });

/** One that builds, and others that wait behind it in this order. */
async function busy(concurrency: Concurrency, others: number) {
  const world = await withPolicy(concurrency);
  const running = await world.deploy();
  await world.offered(running);
  const line: string[] = [];
  for (let n = 0; n < others; n += 1) {
    const id = await world.deploy();
    await queued(world, id);
    line.push(id);
  }
  return { world, running, line };
}

const errorOf = (deployment: Deployment) => ('error' in deployment ? deployment.error : undefined);

describe('given `queue`', () => {
  test('three deploy one after the other, each under a fence of its own', async () => {
    const { world, running, line } = await busy('queue', 2);
    for (const id of [running, ...line]) {
      await world.buildWell();
      expect((await world.ended(id)).status).toBe('succeeded');
    }
    expect(world.target.history).toEqual([running, ...line]);
    const fences = await Promise.all(
      [running, ...line].map(async (id) => (await world.deployment(id)).fence),
    );
    expect(fences).toEqual([1, 2, 3]);
    expect((await world.slot()).owner).toBeUndefined();
  });

  test('when the middle one is canceled, then the line closes and the third starts next', async () => {
    const { world, running, line } = await busy('queue', 2);
    const [middle = '', last = ''] = line;
    expect((await world.cancel(middle)).outcome).toBe('stopped');
    expect((await world.ended(middle)).status).toBe('canceled');
    expect(await waiting(world)).toEqual([last]);
    await world.buildWell();
    await world.ended(running);
    await world.buildWell();
    expect((await world.ended(last)).status).toBe('succeeded');
    expect(world.target.history).toEqual([running, last]);
  });

  test('when the one that runs fails or is canceled, then the next starts all the same', async () => {
    const { world, running, line } = await busy('queue', 2);
    await world.report(await world.claimed(), failedBuild(1));
    expect((await world.ended(running)).status).toBe('failed');
    const [second = '', third = ''] = line;
    await world.offered(second);
    await world.cancel(second);
    expect((await world.ended(second)).status).toBe('canceled');
    await world.offered(third);
    expect((await world.slot()).owner).toBe(third);
  });

  test('the sweep does not look at a deployment that waits, and no deadline ends it, for 290 days', async () => {
    const { world, line } = await busy('queue', 1);
    const [id = ''] = line;
    const { status, deadlines } = await world.deployment(id);
    expect(status).toBe('queued');
    const now = world.store.clock.now();
    expect(deadlines).toEqual({ wait: now + 299 * 86_400_000 });
    const due: string[] = [];
    for await (const one of dueDeployments(world.store, now + 290 * 86_400_000)) due.push(one);
    expect(due).not.toContain(id);
  });

  test('a wait of 299 days ends with a reason', async () => {
    const { world, line } = await busy('queue', 1);
    const [id = ''] = line;
    world.advance(299 * 86_400 + 1);
    await world.sweep();
    const ended = await world.ended(id);
    expect(errorOf(ended)).toMatchObject({ code: 'EXPIRED', stage: 'gate' });
    expect(await waiting(world)).toEqual([]);
  });

  test('when the wake of the next is lost, then the sweep has it go on', async () => {
    const { world, running, line } = await busy('queue', 1);
    const [next = ''] = line;
    const job = await world.claimed();
    world.relayWorks = false;
    await world.report(job, built());
    await world.ended(running);
    expect((await world.slot()).owner).toBe(next);
    expect((await world.deployment(next)).status).toBe('queued');
    world.advance(60);
    await world.sweep();
    await world.buildWell();
    expect((await world.ended(next)).status).toBe('succeeded');
  });

  test('when the gate of the next is killed, then its state is tried again or it ends, and the slot goes on', async () => {
    const { world, running, line } = await busy('queue', 2);
    const [second = '', third = ''] = line;
    await world.engine.stop(`arn:execution:${second}`);
    expect((await world.ended(second)).status).toBe('failed');
    expect(await waiting(world)).toEqual([third]);
    await world.buildWell();
    await world.ended(running);
    await world.buildWell();
    expect((await world.ended(third)).status).toBe('succeeded');
  });

  test('when the execution of one that waits dies unseen, then it ends as its turn comes, and the one behind it starts', async () => {
    const { world, running, line } = await busy('queue', 2);
    const [second = '', third = ''] = line;
    world.ruleWorks = false;
    const execution = world.engine.executions.get(second);
    if (execution !== undefined) execution.status = 'ABORTED';
    await world.buildWell();
    await world.ended(running);
    // Its gate passes, and nobody is there to go on.
    await world.until(async () => {
      const { status } = await world.deployment(second);
      return status === 'initializing' ? status : undefined;
    });
    world.advance(60);
    await world.sweep();
    expect((await world.ended(second)).status).toBe('failed');
    await world.buildWell();
    expect((await world.ended(third)).status).toBe('succeeded');
  });

  test('when the settlement in front dies before its transaction, then the sweep settles and hands over', async () => {
    const { world, running, line } = await busy('queue', 1);
    const [next = ''] = line;
    world.ruleWorks = false;
    await world.engine.stop(`arn:execution:${running}`);
    world.advance(3600);
    await world.sweep();
    await world.ended(running);
    await world.sweep();
    expect((await world.slot()).owner).toBe(next);
  });

  test('one that waited in an environment that is deleted meanwhile ends and says so', async () => {
    const world = await withPolicy('queue');
    world.engine.start = async () => undefined;
    const id = await world.deploy();
    // Nobody can delete it through the API while somebody is there; a wait outside of the line may see it.
    await deleteItem(world.store, environmentKey(ids.project, 'production'), MUST_EXIST);
    await settleDeployment(world.stepsDeps(), id, { kind: 'reap', reason: 'execution-ended' });
    expect((await world.deployment(id)).status).toBe('failed');
  });
});

describe('given `supersede`', () => {
  test('only the newest waits: those before it end as superseded and name it, and what runs is never cut', async () => {
    const { world, running, line } = await busy('supersede', 3);
    const [first = '', second = '', newest = ''] = line;
    for (const [old, by] of [
      [first, second],
      [second, newest],
    ] as const) {
      const ended = await world.ended(old);
      expect(ended.status).toBe('canceled');
      expect(errorOf(ended)).toMatchObject({ code: 'SUPERSEDED' });
      expect(errorOf(ended)?.message).toContain(by);
    }
    expect(await waiting(world)).toEqual([newest]);
    expect((await world.deployment(running)).cancelRequested).toBeUndefined();
    await world.buildWell();
    expect((await world.ended(running)).status).toBe('succeeded');
    await world.buildWell();
    expect((await world.ended(newest)).status).toBe('succeeded');
    expect(world.target.history).toEqual([running, newest]);
  });

  test('one that lost its place never gets the slot, even where nobody has canceled it yet', async () => {
    const world = await withPolicy('supersede');
    const running = await world.deploy();
    await world.offered(running);
    const old = await world.deploy();
    await queued(world, old);
    // The request that creates the newer one dies right after its transaction.
    const environment = await requireEnvironment(world.store, ids.project, 'production');
    await changeEnvironment(world.store, environment, { concurrency: 'queue' });
    const newer = await world.deploy();
    const { slot } = await found(world);
    const ticket = (await world.deployment(newer)).ticket ?? 0;
    await transact(world.store, [
      rewriteSlot(slot, { ...slot, line: slot.line + 1, superseded: { before: ticket, by: newer } }),
    ]);
    await queued(world, newer);
    await world.buildWell();
    await world.ended(running);
    expect((await world.slot()).owner).toBe(newer);
    await world.buildWell();
    expect((await world.ended(newer)).status).toBe('succeeded');
    expect(world.target.history).toEqual([running, newer]);
  });
});

describe('given `reject`', () => {
  test('a start is refused while another runs, forced or not, and nothing is written', async () => {
    const { world } = await busy('reject', 0);
    const { line } = (await found(world)).slot;
    await expect(world.deploy()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await expect(world.deploy({ force: true })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    expect((await found(world)).slot.line).toBe(line);
  });
});

describe('a slot that drains', () => {
  test('is freed by an admin, goes to the next in line, and the record says who did it and why', async () => {
    const { world, running, line } = await busy('queue', 1);
    const [next = ''] = line;
    world.target.faults.activate = 'no-answer-but-done';
    world.target.readable = false;
    await world.buildWell();
    await world.until(async () =>
      (await world.deployment(running)).settling === undefined ? undefined : true,
    );
    world.advance(3600);
    await world.sweep();
    expect(await world.ended(running)).toMatchObject({ status: 'timeout', draining: true });
    expect((await world.slot()).owner).toBe(running);

    const place = { projectId: ids.project, environment: 'production' };
    await releaseSlot(world.store, place, { by: 'ann', reason: 'looked at the target' });
    const released = await world.deployment(running);
    expect(released.slotReleased).toMatchObject({ by: 'ann', reason: 'looked at the target' });
    expect((await world.slot()).owner).toBe(next);
    world.target.readable = true;
    delete world.target.faults.activate;
    await world.buildWell();
    expect((await world.ended(next)).status).toBe('succeeded');
    // Nobody could look at it before the next one was live: it may have been.
    await world.sweep();
    expect(await world.deployment(running)).toMatchObject({ releaseState: 'inactive', draining: false });
    expect(await world.deployment(next)).toMatchObject({ releaseState: 'active' });
    expect(await world.slot()).toMatchObject({ active: next });
  });

  test('that is owned by what still runs, or by nobody, is not freed by hand', async () => {
    const { world } = await busy('queue', 0);
    const place = { projectId: ids.project, environment: 'production' };
    const release = () => releaseSlot(world.store, place, { by: 'ann', reason: 'impatient' });
    await expect(release()).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await world.buildWell();
    await world.until(async () => ((await world.slot()).owner === undefined ? true : undefined));
    await expect(release()).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });
});
