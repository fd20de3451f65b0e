import { beforeEach, describe, expect, test } from 'vitest';
import type { Deployment } from '../../shared/domain/records.ts';
import { slotWithLine } from '../../shared/store/slot.ts';
import { type TestApi, testApi } from '../functions/api/support.ts';
import { ids } from '../support/records.ts';
import { World } from './world/world.ts';

let world: World;
let api: TestApi;
beforeEach(async () => {
  world = await World.create({ environment: { concurrency: 'queue' } });
  api = await testApi({}, world.store);
});

async function frozen(seconds: number): Promise<string> {
  const now = world.store.clock.now();
  const instant = (ms: number) => new Date(ms).toISOString();
  const body = { from: instant(now), to: instant(now + seconds * 1000), reason: 'Stocktaking.' };
  return (await api.send('POST /v1/freezes', { body })).body.id;
}

const held = (id: string): Promise<Deployment> =>
  world.until(async () => {
    const deployment = await world.deployment(id);
    return deployment.status === 'held' && deployment.wake === deployment.seen ? deployment : undefined;
  });

const line = async () =>
  (await slotWithLine(world.store, ids.project, 'production')).line.map(({ deploymentId }) => deploymentId);

describe('given a freeze', () => {
  test('what is due is held in line, and goes on in order when the freeze ends', async () => {
    await frozen(60);
    const first = await world.deploy();
    expect((await held(first)).note).toContain('Stocktaking.');
    const second = await world.deploy();
    await held(second);
    expect(await line()).toEqual([first, second]);
    expect((await world.slot()).owner).toBeUndefined();
    world.advance(30);
    await world.sweep();
    expect((await world.deployment(first)).status).toBe('held');

    world.advance(31);
    await world.sweep();
    for (const id of [first, second]) {
      await world.buildWell();
      expect((await world.ended(id)).status).toBe('succeeded');
    }
    expect(world.target.history).toEqual([first, second]);
  });

  test('when it is deleted, then what it held goes on at once', async () => {
    const freeze = await frozen(3600);
    const id = await world.deploy();
    await held(id);
    expect((await api.send(`DELETE /v1/freezes/${freeze}`)).status).toBe(204);
    await world.buildWell();
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('one deployment is let pass by name, past what stands before it', async () => {
    const freeze = await frozen(3600);
    const first = await world.deploy();
    await held(first);
    const urgent = await world.deploy();
    await held(urgent);
    const body = { deploymentId: urgent, reason: 'A fix for the outage.' };
    expect((await api.send(`POST /v1/freezes/${freeze}/override`, { body })).status).toBe(202);
    await world.buildWell();
    const ended = await world.ended(urgent);
    expect(ended.status).toBe('succeeded');
    expect(ended.freezeOverrides).toMatchObject([{ freezeId: freeze, reason: 'A fix for the outage.' }]);
    expect((await world.deployment(first)).status).toBe('held');
  });

  test('that begins while others wait in line, the slot is not handed to what it holds', async () => {
    const running = await world.deploy();
    await world.offered(running);
    const waiting = await world.deploy();
    await world.until(async () => ((await world.deployment(waiting)).status === 'queued' ? true : undefined));
    await frozen(60);
    await world.buildWell();
    expect((await world.ended(running)).status).toBe('succeeded');
    await held(waiting);
    expect((await world.slot()).owner).toBeUndefined();
    world.advance(61);
    await world.sweep();
    await world.buildWell();
    expect((await world.ended(waiting)).status).toBe('succeeded');
  });

  test('a rollback is not held', async () => {
    for (let n = 0; n < 2; n += 1) {
      const id = await world.deploy();
      await world.buildWell();
      await world.ended(id);
    }
    const [first, second] = world.target.history;
    await frozen(3600);
    const id = await world.rollback(second ?? '');
    expect((await world.ended(id)).status).toBe('succeeded');
    expect((await world.slot()).active).toBe(id);
    expect(first).not.toBe(id);
  });

  test('a canceled deployment leaves the line', async () => {
    await frozen(3600);
    const id = await world.deploy();
    await held(id);
    await world.cancel(id);
    expect((await world.ended(id)).status).toBe('canceled');
    expect(await line()).toEqual([]);
  });
});
