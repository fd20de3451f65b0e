import { beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRule } from '../../shared/domain/approvals.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { deleteToken } from '../../shared/store/tokens.ts';
import { type TestApi, testApi } from '../functions/api/support.ts';
import { ids } from '../support/records.ts';
import { World } from './world/world.ts';

const rule: ApprovalRule = { required: 2, allowSelf: false, expiresInSeconds: 3600 };

let world: World;
let api: TestApi;
const tokens: Record<string, string> = {};

const given = async (approvals: ApprovalRule = rule) => {
  world = await World.create({ environment: { approvals, concurrency: 'reject' } });
  api = await testApi({}, world.store);
  // `ann` starts deployments in this world.
  for (const name of ['ann', 'ben', 'cleo', 'dan'])
    tokens[name] = await api.token([{ role: 'approver' }], name);
};
beforeEach(() => given());

/** Asked for approval, and nobody has said anything to that yet, or so many have. */
const asked = (id: string, votes = 0): Promise<Deployment> =>
  world.until(async () => {
    const deployment = await world.deployment(id);
    const quiet = deployment.wake === deployment.seen;
    const waits = deployment.status === 'awaiting-approval' && deployment.approval?.given.length === votes;
    return quiet && waits ? deployment : undefined;
  });

const say = (verb: 'approve' | 'reject', id: string, by: string, body: object = {}) =>
  api.send(`POST /v1/deployments/${id}/${verb}`, { body, token: tokens[by] ?? '' });
const approve = (id: string, by: string, body: object = {}) => say('approve', id, by, body);

describe('given an environment that asks for two approvals', () => {
  test('a deployment waits without the slot, and goes on with the second approval', async () => {
    const id = await world.deploy();
    await asked(id);
    expect((await world.slot()).owner).toBeUndefined();
    expect(await approve(id, 'ben')).toMatchObject({ status: 202, body: { approval: { required: 2 } } });
    await asked(id, 1);
    expect((await approve(id, 'cleo', { comment: 'fine' })).status).toBe(202);
    await world.buildWell();
    const ended = await world.ended(id);
    expect(ended.status).toBe('succeeded');
    expect(ended.approval?.given.map(({ by }) => by)).toEqual(['ben', 'cleo']);
  });

  test('nobody approves twice, their own, after the end, or without the role', async () => {
    const id = await world.deploy();
    expect((await approve(id, 'ben')).body.code).toBe('INVALID_STATE');
    await asked(id);
    await approve(id, 'ben');
    expect((await approve(id, 'ben')).body.code).toBe('INVALID_STATE');
    expect((await approve(id, 'ann')).body.code).toBe('PERMISSION_DENIED');
    tokens['eve'] = await api.token([{ role: 'deployer' }], 'eve');
    expect((await approve(id, 'eve')).body.code).toBe('PERMISSION_DENIED');
    await approve(id, 'cleo');
    await world.buildWell();
    await world.ended(id);
    expect((await approve(id, 'dan')).body.code).toBe('INVALID_STATE');
    expect((await say('reject', id, 'dan', { reason: 'too late' })).body.code).toBe('INVALID_STATE');
  });

  test('what waits keeps nobody from deploying who needs no approval any more', async () => {
    const first = await world.deploy();
    await asked(first);
    const second = await world.deploy();
    await asked(second);
    for (const by of ['ben', 'cleo']) await approve(second, by);
    await world.buildWell();
    expect((await world.ended(second)).status).toBe('succeeded');
    expect((await world.deployment(first)).status).toBe('awaiting-approval');
  });

  test('a change of configuration voids what was said, and it goes on waiting', async () => {
    const id = await world.deploy();
    const before = await asked(id);
    await approve(id, 'ben');
    await asked(id, 1);
    const body = { configuration: { colour: 'green' } };
    const path = `/v1/projects/${ids.project}/environments/production`;
    expect((await api.send(`PATCH ${path}`, { body })).status).toBe(200);
    const after = await asked(id);
    expect(after.approval?.digest).not.toBe(before.approval?.digest);
    expect(after.snapshot.configuration).toMatchObject({ colour: 'green' });
    expect((await world.log(id)).join('\n')).toContain('is void');
    const stale = await approve(id, 'cleo', { digest: before.approval?.digest });
    expect(stale.body).toMatchObject({ code: 'INVALID_STATE', field: '/digest' });
    for (const by of ['ben', 'cleo']) await approve(id, by);
    await world.buildWell();
    expect((await world.ended(id)).snapshot.configuration).toMatchObject({ colour: 'green' });
  });

  test('an approval counts no longer when its token was taken away', async () => {
    const id = await world.deploy();
    await asked(id);
    await approve(id, 'ben');
    const { approval } = await asked(id, 1);
    await deleteToken(world.store, approval?.given[0]?.voter.tokenId ?? '');
    await approve(id, 'cleo');
    await asked(id, 2);
    await approve(id, 'dan');
    await world.buildWell();
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('a rejection ends it as canceled, with who said so and why', async () => {
    const id = await world.deploy();
    await asked(id);
    expect((await say('reject', id, 'ben', { reason: 'not on a Friday' })).status).toBe(202);
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'canceled', error: { code: 'REJECTED' } });
    expect('error' in ended && ended.error?.message).toContain('not on a Friday');
    expect(world.target.served).toBeUndefined();
  });

  test('without enough of them it expires', async () => {
    const id = await world.deploy();
    await asked(id);
    await approve(id, 'ben');
    await asked(id, 1);
    world.advance(3601);
    expect((await approve(id, 'cleo')).body.code).toBe('INVALID_STATE');
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'canceled', error: { code: 'EXPIRED' } });
  });

  test('while it waits nothing looks at it', async () => {
    const id = await world.deploy();
    const { revision } = await asked(id);
    for (const seconds of [61, 600, 2000]) {
      world.advance(seconds);
      await world.sweep();
    }
    expect((await world.deployment(id)).revision).toBe(revision);
  });
});

test('only members of the named groups approve', async () => {
  await given({ ...rule, required: 1, groups: ['ops'] });
  const id = await world.deploy();
  await asked(id);
  expect((await approve(id, 'ben')).body).toMatchObject({ code: 'PERMISSION_DENIED' });
  const body = { name: 'ops', subject: 'dan', grants: [{ role: 'approver' }], groups: ['ops'] };
  tokens['dan'] = (await api.send('POST /v1/tokens', { body })).body.token ?? '';
  expect((await approve(id, 'dan')).status).toBe(202);
  await world.buildWell();
  expect((await world.ended(id)).status).toBe('succeeded');
});
