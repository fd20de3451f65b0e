import { beforeEach, describe, expect, test } from 'vitest';
import type { Deployment } from '../../shared/domain/records.ts';
import { listDeployments } from '../../shared/store/deployment-list.ts';
import { type TestApi, testApi } from '../functions/api/support.ts';
import { ids } from '../support/records.ts';
import { built, World } from './world/world.ts';

let world: World;
let api: TestApi;
beforeEach(async () => {
  world = await World.create({ environment: { concurrency: 'queue' } });
  api = await testApi(
    { machine: async () => world.engine, scheduler: async () => world.scheduler },
    world.store,
  );
});

const inSeconds = (seconds: number) => new Date(world.store.clock.now() + seconds * 1000).toISOString();
const plan = (body: object) =>
  api.send('POST /v1/schedules', { body: { projectId: ids.project, environment: 'production', ...body } });
const shown = async (id: string) => (await api.send(`GET /v1/schedules/${id}`)).body as unknown as Shown;
interface Shown {
  readonly nextAt?: string;
  readonly deploymentId?: string;
  readonly last?: { readonly outcome: string; readonly deploymentId?: string; readonly message?: string };
}
const deployments = async () =>
  (await listDeployments(world.store, { projectId: ids.project }, { limit: 50, order: 'asc' })).items;

/** Its gate has looked and waits for its moment. */
const scheduled = (id: string): Promise<Deployment> =>
  world.until(async () => {
    const deployment = await world.deployment(id);
    const quiet = deployment.status === 'scheduled' && deployment.wake === deployment.seen;
    return quiet && deployment.deadlines.wait !== undefined ? deployment : undefined;
  });

async function once(body: object = {}) {
  const answer = await plan({ at: inSeconds(600), ...body });
  expect(answer.status).toBe(201);
  const { deploymentId = '' } = await shown(answer.body.id);
  await scheduled(deploymentId);
  return { id: answer.body.id, deploymentId };
}

describe('a deployment that is planned for a moment', () => {
  test('shows as scheduled, owns nothing, is not looked at, and begins at its moment, delivered twice or not', async () => {
    const { id, deploymentId } = await once();
    const { revision } = await world.deployment(deploymentId);
    expect((await world.slot()).owner).toBeUndefined();
    world.advance(590);
    await world.sweep();
    await world.deliver();
    expect((await world.deployment(deploymentId)).revision).toBe(revision);

    world.advance(11);
    await world.deliver(2);
    await world.buildWell();
    expect((await world.ended(deploymentId)).status).toBe('succeeded');
    expect(await deployments()).toHaveLength(1);
    expect((await shown(id)).nextAt).toBeUndefined();
  });

  test('begins by the sweep where nobody delivers it', async () => {
    const { deploymentId } = await once();
    world.planned.clear();
    world.advance(660);
    await world.sweep();
    await world.buildWell();
    expect((await world.ended(deploymentId)).status).toBe('succeeded');
  });

  test('does not begin when its schedule was deleted just before', async () => {
    const { id, deploymentId } = await once();
    const late = new Map(world.planned);
    expect((await api.send(`DELETE /v1/schedules/${id}`)).status).toBe(204);
    expect(world.planned.size).toBe(0);
    for (const [name, call] of late) world.planned.set(name, call);
    world.advance(601);
    await world.deliver();
    await world.sweep();
    expect((await world.ended(deploymentId)).status).toBe('canceled');
    expect(world.target.served).toBeUndefined();
  });

  test('begins at its new moment after an edit, and not at the old one', async () => {
    const { id, deploymentId } = await once();
    const late = new Map(world.planned);
    const at = inSeconds(1200);
    expect((await api.send(`PATCH /v1/schedules/${id}`, { body: { at } })).body).toMatchObject({
      nextAt: at,
    });
    for (const [name, call] of late) world.planned.set(name, call);
    world.advance(601);
    await world.deliver();
    await world.sweep();
    expect((await world.deployment(deploymentId)).status).toBe('scheduled');
    world.advance(600);
    await world.deliver();
    await world.buildWell();
    expect((await world.ended(deploymentId)).status).toBe('succeeded');
  });

  test('that could not begin within its window is missed, and says so', async () => {
    const { deploymentId } = await once({ window: 60 });
    world.advance(700);
    await world.sweep();
    const ended = await world.ended(deploymentId);
    expect(ended).toMatchObject({ status: 'canceled', error: { code: 'MISSED' } });
  });

  test('is not missed because a runner takes longer than its window to look its ref up', async () => {
    const repository = { url: 'ssh://git@git.example.com/shop.git' };
    await api.send(`PATCH /v1/projects/${ids.project}`, { body: { repository } });
    const { deploymentId } = await once({ window: 60 });
    world.advance(601);
    await world.deliver();
    const job = await world.claimed('resolve');
    expect((await world.deployment(deploymentId)).status).toBe('created');
    world.advance(70);
    await world.report(job, { outcome: 'resolved', lines: 0, commit: { sha: 'd'.repeat(40) } });
    await world.report(await world.claimed(), built('d'.repeat(40)));
    expect((await world.ended(deploymentId)).status).toBe('succeeded');
  });

  test('gives way to a newer one that went live meanwhile, where that was asked for', async () => {
    const { deploymentId } = await once({ autoCancel: true });
    world.advance(1);
    const newer = await world.deploy();
    await world.buildWell();
    await world.ended(newer);
    world.advance(600);
    await world.deliver();
    expect(await world.ended(deploymentId)).toMatchObject({
      status: 'canceled',
      error: { code: 'SUPERSEDED' },
    });
    expect(world.target.served).toBe(newer);
  });

  test('waits in line where another one has the slot at its moment', async () => {
    const { deploymentId } = await once({ at: inSeconds(400) });
    const running = await world.deploy();
    await world.offered(running);
    world.advance(401);
    await world.deliver();
    await world.until(async () =>
      (await world.deployment(deploymentId)).status === 'queued' ? true : undefined,
    );
    await world.buildWell();
    await world.ended(running);
    await world.buildWell();
    expect((await world.ended(deploymentId)).status).toBe('succeeded');
  });

  test('is announced before its moment, where that was asked for', async () => {
    const { deploymentId } = await once({ notifyBefore: 300 });
    world.advance(301);
    await world.deliver();
    expect(world.events).toContainEqual(
      expect.objectContaining({
        type: 'deployment.upcoming',
        detail: expect.objectContaining({ deploymentId }),
      }),
    );
    expect((await world.deployment(deploymentId)).status).toBe('scheduled');
  });
});

describe('a schedule with cron', () => {
  const hourly = async () => {
    const { status, body } = await plan({ cron: '0 * * * *', timezone: 'Europe/Berlin' });
    expect(status).toBe(201);
    return body.id;
  };
  const toNext = async (id: string, late = 1) => {
    const { nextAt = '' } = await shown(id);
    world.advance((Date.parse(nextAt) - world.store.clock.now()) / 1000 + late);
  };

  test('makes one deployment a moment, delivered twice or not, and goes on', async () => {
    const id = await hourly();
    for (let n = 1; n <= 2; n += 1) {
      await toNext(id);
      await world.deliver(2);
      await world.buildWell();
      const made = await deployments();
      expect(made).toHaveLength(n);
      const last = made.at(-1)?.id ?? '';
      const ended = await world.ended(last);
      expect(ended).toMatchObject({ status: 'succeeded', trigger: { kind: 'schedule', actor: 'root' } });
      expect((await shown(id)).last).toMatchObject({ outcome: 'started', deploymentId: last });
    }
  });

  test('is delivered by the sweep where nobody else does', async () => {
    const id = await hourly();
    await toNext(id, 31);
    world.planned.clear();
    await world.sweep();
    expect(await deployments()).toHaveLength(1);
    expect(world.planned.size).toBe(1);
  });

  test('is refused at a moment at which what must hold does not hold, and goes on', async () => {
    const id = await hourly();
    const path = `/v1/projects/${ids.project}`;
    await api.send(`PATCH ${path}`, { body: { requiredVariables: ['API_URL'] } });
    await toNext(id);
    await world.deliver();
    expect(await deployments()).toEqual([]);
    const { last } = await shown(id);
    expect(last).toMatchObject({ outcome: 'refused' });
    expect(last?.message).toContain('lacks API_URL');
    await api.send(`PATCH ${path}`, { body: { requiredVariables: null } });
    await toNext(id);
    await world.deliver();
    expect(await deployments()).toHaveLength(1);
  });

  test('that was not delivered in time says that it was missed, and goes on', async () => {
    const id = await hourly();
    await toNext(id, 1800);
    await world.deliver();
    expect(await deployments()).toEqual([]);
    expect((await shown(id)).last).toMatchObject({ outcome: 'missed' });
    expect(world.events.map(({ type }) => type)).toContain('schedule.missed');
    await toNext(id);
    await world.deliver();
    expect(await deployments()).toHaveLength(1);
  });

  test('makes nothing any more once it is deleted, although a delivery is on its way', async () => {
    const id = await hourly();
    await toNext(id);
    const late = new Map(world.planned);
    await api.send(`DELETE /v1/schedules/${id}`);
    for (const [name, call] of late) world.planned.set(name, call);
    await world.deliver();
    expect(await deployments()).toEqual([]);
  });

  test('whose environment was deleted says so, and comes no more', async () => {
    const path = `/v1/projects/${ids.project}/environments`;
    await api.send(`POST ${path}`, { body: { name: 'nightly', type: 'testing' } });
    const { body } = await plan({ environment: 'nightly', cron: '0 * * * *' });
    expect((await api.send(`DELETE ${path}/nightly`)).status).toBe(204);
    await toNext(body.id);
    await world.deliver();
    const { nextAt, last } = await shown(body.id);
    expect(last).toMatchObject({ outcome: 'refused' });
    expect(nextAt).toBeUndefined();
    expect(world.planned.size).toBe(0);
  });

  test('that is refused by the service says why, and goes on', async () => {
    const id = await hourly();
    await api.send(`PATCH /v1/projects/${ids.project}`, { body: { repository: null } });
    await toNext(id);
    await world.deliver();
    const { last } = await shown(id);
    expect(last?.outcome).toBe('refused');
    expect(last?.message).toContain('repository');
    expect(world.planned.size).toBe(1);
  });
});
