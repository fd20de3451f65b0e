import { beforeAll, expect, test } from 'vitest';
import { makeProject, type TestApi, testApi } from './support.ts';

let api: TestApi;
let projectId: string;
beforeAll(async () => {
  api = await testApi();
  projectId = await makeProject(api, { repository: { url: 'https://git.example.com/shop.git' } });
});

const inSeconds = (seconds: number) => new Date(api.store.clock.now() + seconds * 1000).toISOString();

test.each([
  ['in the past', () => ({ at: '2020-01-01T00:00:00.000Z' }), '/at'],
  ['four minutes ahead', () => ({ at: inSeconds(240) }), '/at'],
  ['at no time', () => ({}), '/at'],
  ['once and again', () => ({ at: inSeconds(900), cron: '0 * * * *' }), '/at'],
  ['by a cron that never comes', () => ({ cron: '0 0 30 2 *' }), '/cron'],
  ['by a cron of six parts', () => ({ cron: '0 0 * * * *' }), '/cron'],
  ['by a cron that is none', () => ({ cron: '61 * * * *' }), '/cron'],
  ['in an unknown time zone', () => ({ cron: '0 * * * *', timezone: 'Mars/Olympus' }), '/timezone'],
  [
    'again and again, unless newer ones go live',
    () => ({ cron: '0 * * * *', autoCancel: true }),
    '/autoCancel',
  ],
  ['with a window of a second', () => ({ at: inSeconds(900), window: 1 }), '/window'],
  ['with a field that there is not', () => ({ at: inSeconds(900), every: 'day' }), '/every'],
  [
    'with a malformed ref',
    () => ({ at: inSeconds(900), source: { type: 'branch', ref: '--upload-pack=x' } }),
    '/source/ref',
  ],
])('what is planned %s is refused at its field, and nothing is written', async (_, wrong, field) => {
  const before = await api.items();
  const answer = await api.send('POST /v1/schedules', { body: { projectId, ...wrong() } });
  expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  expect(answer.body.errors?.map((error) => error.field)).toContain(field);
  expect(await api.items()).toBe(before);
});

test('what could not begin now is refused at once, unless it is not to be looked at', async () => {
  const bare = await makeProject(api);
  const body = { projectId: bare, at: inSeconds(900) };
  const before = await api.items();
  const refused = await api.send('POST /v1/schedules', { body });
  expect(refused).toMatchObject({ status: 400, body: { code: 'PREREQUISITES_NOT_MET' } });
  expect(await api.items()).toBe(before);
  const taken = await api.send('POST /v1/schedules', { body: { ...body, validateFirst: false } });
  expect(taken.status).toBe(201);
});

test('a schedule is seen and changed by those of its environment, and like one that is not there by others', async () => {
  const made = await api.send('POST /v1/schedules', { body: { projectId, cron: '0 3 * * *' } });
  expect(made.status).toBe(201);
  const path = `/v1/schedules/${made.body.id}`;
  expect((await api.send(`GET ${path}`)).body).toEqual(made.body);
  const stranger = await api.token([{ role: 'admin', projectId: await makeProject(api) }]);
  const viewer = await api.token([{ role: 'viewer', projectId }]);
  const body = { cron: '0 4 * * *' };
  expect((await api.send(`GET ${path}`, { token: stranger })).body.code).toBe('SCHEDULE_NOT_FOUND');
  expect((await api.send(`PATCH ${path}`, { body, token: viewer })).body.code).toBe('PERMISSION_DENIED');
  expect((await api.send(`DELETE ${path}`, { token: stranger })).body.code).toBe('SCHEDULE_NOT_FOUND');
  expect((await api.send('GET /v1/schedules', { token: stranger })).body.items).toEqual([]);
  expect(
    (await api.send(`GET /v1/schedules?projectId=${projectId}`, { token: viewer })).body.items,
  ).toHaveLength(1);
  expect((await api.send(`PATCH ${path}`, { body })).body).toMatchObject({ cron: '0 4 * * *', revision: 2 });
  const once = await api.send(`PATCH ${path}`, { body: { cron: null, at: inSeconds(900) } });
  expect(once.body.code).toBe('INVALID_STATE');
  expect((await api.send(`DELETE ${path}`)).status).toBe(204);
  expect((await api.send(`GET ${path}`)).status).toBe(404);
});

test('a schedule is not changed by who has not seen what it is now', async () => {
  const made = await api.send('POST /v1/schedules', { body: { projectId, cron: '0 3 * * *' } });
  const path = `/v1/schedules/${made.body.id}`;
  const headers = { 'if-match': (await api.send(`GET ${path}`)).headers['etag'] ?? '' };
  const change = () => api.send(`PATCH ${path}`, { body: { cron: '0 4 * * *' }, headers });
  expect((await change()).status).toBe(200);
  expect((await change()).body).toMatchObject({ code: 'INVALID_STATE', field: '/If-Match' });
});

test('a repeat with the same key plans nothing twice', async () => {
  const body = { projectId, at: inSeconds(900) };
  const headers = { 'idempotency-key': 'nightly' };
  const answers = await Promise.all([1, 2, 3].map(() => api.send('POST /v1/schedules', { body, headers })));
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
});
