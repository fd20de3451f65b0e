import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { promote, promotedRound } from '../../shared/store/rounds.ts';
import { answerStage } from '../../shared/store/task-tokens.ts';
import { deployedBefore, endsDraining, expectUntouched } from './world/given.ts';
import { World } from './world/world.ts';

const CANARY = { strategy: 'canary', steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }] };

/** The deployment once a step bakes. */
const baking = (world: World, id: string, step: number): Promise<Deployment> =>
  world.until(async () => {
    const deployment = await world.deployment(id);
    if (isTerminal(deployment.status)) throw new Error(`it has ended: ${JSON.stringify(deployment)}`);
    const { rollout } = deployment;
    return rollout?.step === step && rollout.until !== undefined ? deployment : undefined;
  });

async function canary(body: Record<string, unknown> = CANARY) {
  const { world, live } = await deployedBefore();
  const id = await world.deploy(body);
  await world.buildWell();
  const first = await baking(world, id, 0);
  return { world, live, id, first };
}

/** As `POST /deployments/{id}/promote` does. */
async function promoted(world: World, id: string, how: { step?: number; all?: boolean } = {}): Promise<void> {
  const deployment = await promote(world.store, id, { by: 'ann', step: how.step, all: how.all ?? false });
  const round = promotedRound(deployment) ?? -1;
  await answerStage(world.store, world.engine, id, 'activate', round, { ok: true, more: true });
}

async function bakeOver(world: World, seconds = 300): Promise<void> {
  world.advance(seconds + 1);
  await world.deliverQueue();
}

describe('given a live deployment and a canary', () => {
  it('when each bake passes its check, then visitors come over step by step, and it succeeds', async () => {
    const { world, live, id, first } = await canary();
    expect(world.target.served).toBe(live);
    expect(world.target.share).toEqual({ deploymentId: id, percent: 10 });
    expect(first.rollout).toMatchObject({ step: 0, weight: 10 });
    expect(first.note).toContain('10 % of the visitors get this release (step 1 of 3)');
    await bakeOver(world);
    await baking(world, id, 1);
    expect(world.target.share).toEqual({ deploymentId: id, percent: 50 });
    await bakeOver(world);
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    expect(ended.rollout).toMatchObject({ step: 2, weight: 100 });
    expect(ended.rollout?.until).toBeUndefined();
    expect(world.target).toMatchObject({ served: id, share: undefined });
    expect((await world.deployment(live)).releaseState).toBe('inactive');
    const execution = world.engine.executions.get(id);
    expect(execution?.entered.filter((state) => state === 'activate')).toHaveLength(3);
    expect(ended.cost.transitions).toBe(execution?.entered.length);
    expect(ended.stages.find(({ name }) => name === 'activate')?.attempts).toBe(1);
  });

  it('the time that its steps bake counts neither against its stage nor against the whole deployment', async () => {
    const steps = [{ weight: 10, bakeSeconds: 86_400 }, { weight: 100 }];
    const { world, id, first } = await canary({ ...CANARY, steps });
    const end = Date.parse(first.rollout?.until ?? '');
    expect(first.deadlines.stage).toBeGreaterThan(end);
    expect(first.deadlines.total).toBeGreaterThan(end);
    world.advance(86_000);
    await world.sweep();
    await world.deliverQueue();
    expect((await baking(world, id, 0)).rollout?.weight).toBe(10);
    await bakeOver(world, 400);
    expect(await world.ended(id)).toMatchObject({ status: 'succeeded' });
  });

  it('the end of a bake that is not over yet, comes twice or comes late moves nobody', async () => {
    const { world, id } = await canary();
    const [message] = world.queued;
    await world.deliverQueue(2);
    expect(world.target.share).toMatchObject({ percent: 10 });
    world.advance(301);
    await world.deliverQueue(3);
    await baking(world, id, 1);
    world.queued.push(message, message);
    await world.deliverQueue(2);
    expect((await baking(world, id, 1)).rollout?.weight).toBe(50);
    expect(world.target.share).toMatchObject({ percent: 50 });
    expect((await world.deployment(id)).failure).toBeUndefined();
  });

  it('when somebody promotes a step, then the next one begins at once, and the promotion counts for no other', async () => {
    const { world, id } = await canary();
    await promoted(world, id, { step: 0 });
    const second = await baking(world, id, 1);
    expect(second.activation?.round).toBe(1);
    expect(second.rollout?.promoted).toBeUndefined();
    await expect(promoted(world, id, { step: 0 })).rejects.toMatchObject({ code: 'INVALID_STATE' });
    // The message of the first bake is still in its queue.
    await bakeOver(world, 0);
    expect((await baking(world, id, 1)).rollout?.weight).toBe(50);
  });

  it('when it is promoted to everybody, then the steps between are left out', async () => {
    const { world, id } = await canary();
    await promoted(world, id, { all: true });
    expect(await world.ended(id)).toMatchObject({ status: 'succeeded', rollout: { step: 2, weight: 100 } });
    expect(world.target).toMatchObject({ served: id, share: undefined });
  });

  it('when whoever promoted dies before the answer, then the sweep answers', async () => {
    const { world, id } = await canary();
    await promote(world.store, id, { by: 'ann', all: false });
    world.advance(61);
    await world.sweep();
    expect((await baking(world, id, 1)).rollout?.weight).toBe(50);
  });

  it('when the check at the end of a bake fails, then everybody gets what was live before', async () => {
    const { world, live, id } = await canary();
    world.liveStatus = 500;
    await bakeOver(world);
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    expect(ended).toMatchObject({ error: { code: 'LIVE_CHECK_FAILED', stage: 'activate' } });
    expect(world.target.share).toBeUndefined();
    await expectUntouched(world, live);
  });

  it('when rollbackOnFailure is off and a step fails, then nothing is left half live all the same', async () => {
    const { world, live, id } = await canary({ ...CANARY, rollbackOnFailure: false });
    world.liveStatus = 500;
    await bakeOver(world);
    expect(await world.ended(id)).toMatchObject({ status: 'failed' });
    expect(world.target.share).toBeUndefined();
    await expectUntouched(world, live);
  });

  it('when it is aborted in the second step, then it ends canceled and everybody gets what was live before', async () => {
    const { world, live, id } = await canary();
    await promoted(world, id);
    await baking(world, id, 1);
    await world.cancel(id, 'the basket is empty');
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
    expect(world.target.share).toBeUndefined();
    await expectUntouched(world, live);
    await expect(promoted(world, id)).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });

  it('when the target cannot be read until long after its end, then nobody is left with the new release either', async () => {
    const { world, live, id } = await canary();
    world.target.readable = false;
    await world.cancel(id, 'the basket is empty');
    await endsDraining(world, id);
    expect((await world.slot()).owner).toBe(id);
    world.target.readable = true;
    world.target.faults.restore = 'refused';
    for (let minute = 1; minute <= 2; minute += 1) {
      world.advance(60);
      await world.sweep();
    }
    expect(world.target.faults.restore).toBeUndefined();
    expect(world.target.share).toBeUndefined();
    expect(await world.deployment(id)).toMatchObject({ releaseState: 'rolled-back', draining: false });
    await expectUntouched(world, live);
  });

  it('when somebody else moves the visitors during a bake, then it fails and says so', async () => {
    const { world, live, id } = await canary();
    world.target.share = undefined;
    await bakeOver(world);
    expect(await world.ended(id)).toMatchObject({ status: 'failed', error: { code: 'RELEASE_FAILED' } });
    await expectUntouched(world, live);
  });

  it('when the end of a bake is never heard of, then the deadline of the round ends it', async () => {
    const { world, live, id } = await canary();
    world.queued.splice(0);
    world.advance(300 + 901);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'timeout', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });

  it('when its execution is stopped during a bake, then nobody is left with the new release', async () => {
    const { world, live, id, first } = await canary();
    await world.engine.stop(first.executionArn ?? '');
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    expect(world.target.share).toBeUndefined();
    await expectUntouched(world, live);
  });
});

it('given nothing live, then a canary goes to everybody at once and says why', async () => {
  const world = await World.create();
  const id = await world.deploy(CANARY);
  await world.buildWell();
  expect(await world.ended(id)).toMatchObject({ status: 'succeeded', rollout: { step: 0, weight: 100 } });
  expect(await world.log(id)).toContain('Nothing is live yet, so there are no visitors to move in steps.');
});

it('given blue-green with a bake, when it fails its check after the switch, then it is switched back', async () => {
  const { world, live, id, first } = await canary({
    strategy: 'blue-green',
    steps: [{ weight: 100, bakeSeconds: 60 }],
  });
  expect(world.target.served).toBe(id);
  expect(first.rollout).toMatchObject({ weight: 100 });
  world.liveStatus = 500;
  await bakeOver(world, 60);
  expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
  await expectUntouched(world, live);
});

it('given blue-green with a bake, when it is promoted, then the bake is cut short', async () => {
  const { world, id } = await canary({
    strategy: 'blue-green',
    steps: [{ weight: 100, bakeSeconds: 60 }],
  });
  await promoted(world, id);
  const ended = await world.ended(id);
  expect(ended.status).toBe('succeeded');
  expect(ended.stages.find(({ name }) => name === 'activate')?.message).toContain('Promoted by ann');
});
