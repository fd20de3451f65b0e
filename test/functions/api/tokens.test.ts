import { beforeAll, describe, expect, test } from 'vitest';
import { bootstrap } from '../../../functions/bootstrap/handle.ts';
import { getConnection, putConnection } from '../../../shared/store/connections.ts';
import { runnerSeen } from '../../../shared/store/runners.ts';
import { subscribe } from '../../../shared/store/subscriptions.ts';
import { verifyToken } from '../../../shared/store/tokens.ts';
import { viewersOf } from '../../support/viewers.ts';
import { makeProject, recordingLog, type TestApi, testApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

describe('a token', () => {
  test('shows its secret once, works, and stops to work when it is deleted', async () => {
    const body = { name: 'ci', grants: [{ role: 'viewer' }], subject: 'ci@example.com', groups: ['robots'] };
    const made = await api.send('POST /v1/tokens', { body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...body, kind: 'api', createdBy: 'root' });
    const token = made.body.token ?? '';
    expect(token).toMatch(/^slp_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}$/);
    expect((await api.send('GET /v1/projects', { token })).status).toBe(200);
    const list = await api.send('GET /v1/tokens');
    expect(list.body.items.map(({ id }) => id)).toContain(made.body.id);
    expect(JSON.stringify([list.body, api.lines])).not.toContain(token.slice(31));
    expect((await api.send(`DELETE /v1/tokens/${made.body.id}`)).status).toBe(204);
    expect((await api.send('GET /v1/projects', { token })).body.code).toBe('UNAUTHENTICATED');
  });

  test('is made once for one key; the repeat omits the secret and says so', async () => {
    const sent = {
      body: { name: 'once', grants: [{ role: 'viewer' }] },
      headers: { 'idempotency-key': 'token' },
    };
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.send('POST /v1/tokens', sent)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const withSecret = answers.filter(({ body }) => body.token !== undefined);
    expect(withSecret).toHaveLength(1);
    const repeat = await api.send('POST /v1/tokens', sent);
    expect(repeat.body).not.toHaveProperty('token');
    expect(repeat.body).toHaveProperty('notice', expect.stringMatching(/shown once/));
  });

  test('is never worth more than who made it', async () => {
    const project = await makeProject(api);
    const token = await api.token([{ role: 'admin', projectId: project }], 'ada');
    const make = (body: object) => api.send('POST /v1/tokens', { token, body: { name: 'x', ...body } });
    const own = { grants: [{ role: 'admin', projectId: project }] };
    expect((await make(own)).body).toMatchObject({ subject: 'ada' });
    for (const body of [
      { grants: [{ role: 'viewer' }] },
      { grants: [...own.grants, { role: 'viewer', projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' }] },
      { ...own, subject: 'root' },
      { ...own, groups: ['approvers'] },
    ]) {
      const before = await api.items();
      expect((await make(body)).body).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' });
      expect(await api.items()).toBe(before);
    }
    expect((await api.send('GET /v1/tokens', { token })).body.code).toBe('PERMISSION_DENIED');
  });

  test('can be taken back by its own subject, and is invisible to others', async () => {
    const ada = await api.token([{ role: 'viewer' }], 'ada');
    const bob = await api.token([{ role: 'viewer' }], 'bob');
    const id = `tok_${ada.slice(4, 30)}`;
    expect((await api.send(`DELETE /v1/tokens/${id}`, { token: bob })).body.code).toBe('TOKEN_NOT_FOUND');
    expect((await api.send(`DELETE /v1/tokens/${id}`, { token: ada })).status).toBe(204);
  });

  test('of the same subject is not taken back by one that may do less', async () => {
    const project = await makeProject(api);
    const idOf = (secret: string) => `tok_${secret.slice(4, 30)}`;
    const strong = await api.token([{ role: 'admin', projectId: project }], 'eve');
    const weak = await api.token([{ role: 'viewer', projectId: project }], 'eve');
    const same = await api.token([{ role: 'admin', projectId: project }], 'eve');
    const take = (secret: string, by: string) => api.send(`DELETE /v1/tokens/${idOf(secret)}`, { token: by });
    expect((await take(strong, weak)).body.code).toBe('PERMISSION_DENIED');
    expect((await api.send(`GET /v1/projects/${project}`, { token: strong })).status).toBe(200);
    expect((await take(same, strong)).status).toBe(204);
    expect((await take(weak, weak)).status).toBe(204);
  });

  test('of a runner is not taken back by a lesser token of the admin who made it', async () => {
    const { body } = await api.send('POST /v1/runners', { body: { name: 'cellar' } });
    const weak = await api.token([{ role: 'viewer' }], 'root');
    const answer = await api.send(`DELETE /v1/tokens/${body.tokenId}`, { token: weak });
    expect(answer.body.code).toBe('PERMISSION_DENIED');
  });

  test('makes no token that outlives it, for people or for runners', async () => {
    const body = { name: 'guest', grants: [{ role: 'admin' }], expiresInSeconds: 3600 };
    const guest = (await api.send('POST /v1/tokens', { body })).body;
    const token = guest.token ?? '';
    const make = (route: string, more: object = {}) =>
      api.send(`POST /v1/${route}`, {
        token,
        body: { name: 'x', ...(route === 'tokens' ? { grants: [{ role: 'viewer' }] } : {}), ...more },
      });
    for (const route of ['tokens', 'runners']) {
      const longer = await make(route, { expiresInSeconds: 3601 });
      expect(longer.body).toMatchObject({ code: 'PERMISSION_DENIED', field: '/expiresInSeconds' });
      expect((await make(route, { expiresInSeconds: 600 })).status).toBe(201);
    }
    expect((await make('tokens')).body).toMatchObject({ expiresAt: guest.expiresAt });
    const runner = (await make('runners')).body;
    const list = (await api.send('GET /v1/tokens')).body.items;
    expect(list.find(({ id }) => id === runner.tokenId)).toMatchObject({ expiresAt: guest.expiresAt });
  });

  test('takes its sockets along, also those that a deletion left behind', async () => {
    const token = await api.token([{ role: 'viewer' }], 'ada');
    const id = `tok_${token.slice(4, 30)}`;
    const actor = await verifyToken(api.store, token);
    await putConnection(api.store, 'first', actor);
    await subscribe(api.store, 'first', 'project:x');
    expect((await api.send(`DELETE /v1/tokens/${id}`)).status).toBe(204);
    expect(await getConnection(api.store, 'first')).toBeUndefined();
    expect(await viewersOf(api.store, 'project:x')).toEqual([]);
    await putConnection(api.store, 'second', actor);
    expect((await api.send(`DELETE /v1/tokens/${id}`)).body.code).toBe('TOKEN_NOT_FOUND');
    expect(await getConnection(api.store, 'second')).toBeUndefined();
  });

  test('expires when it was said to', async () => {
    const body = { name: 'short', grants: [{ role: 'viewer' }], expiresInSeconds: 60 };
    const token = (await api.send('POST /v1/tokens', { body })).body.token ?? '';
    expect((await api.send('GET /v1/projects', { token })).status).toBe(200);
    api.store.clock.advance(60_000);
    expect((await api.send('GET /v1/projects', { token })).status).toBe(401);
  });
});

describe('a runner', () => {
  test('gets a token of its own, which opens no plain route and goes with it', async () => {
    const project = await makeProject(api);
    const body = {
      name: 'basement',
      label: 'big',
      serves: [{ projectId: project, environment: 'production' }],
    };
    const made = await api.send('POST /v1/runners', { body });
    expect(made.body).toMatchObject({ ...body, createdBy: 'root' });
    const token = made.body.token ?? '';
    expect((await api.send('GET /v1/projects', { token })).body.code).toBe('PERMISSION_DENIED');
    expect((await api.send(`DELETE /v1/runners/${made.body.id}`)).status).toBe(204);
    expect((await api.send('GET /v1/projects', { token })).body.code).toBe('UNAUTHENTICATED');
    expect((await api.send('GET /v1/runners')).body.items.map(({ id }) => id)).not.toContain(made.body.id);
  });

  test('shows when it last asked for work, to the minute', async () => {
    const { body } = await api.send('POST /v1/runners', { body: { name: 'busy' } });
    const lastSeen = async () => {
      const runners = (await api.send('GET /v1/runners')).body.items;
      const runner = runners.find(({ id }) => id === body.id);
      return runner !== undefined && 'lastSeen' in runner ? runner.lastSeen : undefined;
    };
    expect(await lastSeen()).toBeUndefined();
    const first = new Date(api.store.clock.now()).toISOString();
    await runnerSeen(api.store, body.id);
    api.store.clock.advance(30_000);
    await runnerSeen(api.store, body.id);
    expect(await lastSeen()).toBe(first);
    api.store.clock.advance(31_000);
    await runnerSeen(api.store, body.id);
    expect(await lastSeen()).toBe(new Date(api.store.clock.now()).toISOString());
  });

  test('that was deleted is not seen again', async () => {
    const { body } = await api.send('POST /v1/runners', { body: { name: 'gone' } });
    await api.send(`DELETE /v1/runners/${body.id}`);
    const before = await api.items();
    await runnerSeen(api.store, body.id);
    expect(await api.items()).toBe(before);
  });
});

test('whoever may invoke bootstrap gets an admin token, again where it was lost, and the log says so', async () => {
  const lines: Parameters<typeof recordingLog>[0] = [];
  const log = recordingLog(lines, {});
  const first = await bootstrap(api.store, log, {});
  const second = await bootstrap(api.store, log, { subject: 'ada@example.com' });
  expect(first.token).not.toBe(second.token);
  for (const { token } of [first, second]) {
    expect((await api.send('GET /v1/tokens', { token })).status).toBe(200);
  }
  expect(lines).toMatchObject([
    { level: 'warn', facts: { tokenId: first.id, audit: true } },
    { level: 'warn', facts: { tokenId: second.id, subject: 'ada@example.com', audit: true } },
  ]);
  expect(JSON.stringify(lines)).not.toContain(first.token.slice(31));
  await expect(bootstrap(api.store, log, { role: 'viewer' })).rejects.toThrow();
});
