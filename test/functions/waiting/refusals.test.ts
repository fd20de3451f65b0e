import { expect, test } from 'vitest';
import { eachTest } from './world.ts';

/** A quarter of them for whoever asks: three. */
const at = eachTest({ places: 12 });
const ROUTES = [
  '/v1/waiting/deployments/{id}',
  '/v1/waiting/deployments/{id}/logs',
  '/v1/deployments/{id}/events',
];
const get = (route: string, id: string, query = '', token?: string | null) =>
  at.world.send(`GET ${route.replace('{id}', id)}${query}`, token === undefined ? {} : { token });

test.each(ROUTES)(
  '%s is for nobody without a token, or with a wrong one, or with that of a runner',
  async (route) => {
    const { id } = at.world.deployment;
    for (const token of [null, 'slp_nonsense', 'a.b.c'])
      expect((await get(route, id, '', token)).body.code).toBe('UNAUTHENTICATED');
    const runner = await at.world.token([{ role: 'admin' }], { kind: 'runner' });
    expect((await get(route, id, '', runner)).body.code).toBe('PERMISSION_DENIED');
  },
);

test.each(ROUTES)('%s answers what may not be seen like what is not there', async (route) => {
  const unknown = 'dep_01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const token = await at.world.token([{ role: 'admin', projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' }]);
  const hidden = await get(route, at.world.deployment.id, '', token);
  const missing = await get(route, unknown, '', token);
  expect([hidden.status, missing.status]).toEqual([404, 404]);
  expect(hidden.body.detail.replaceAll(at.world.deployment.id, unknown)).toBe(missing.body.detail);
});

test.each(ROUTES)('%s refuses a query that it does not know, and what can be no id', async (route) => {
  const { id } = at.world.deployment;
  expect((await get(route, id, '?colour=red')).body).toMatchObject({
    code: 'VALIDATION_FAILED',
    field: '/colour',
  });
  expect((await get(route, id, '?level=info&level=warn')).status).toBe(400);
  expect((await get(route, 'dep_1')).body).toMatchObject({
    code: 'VALIDATION_FAILED',
    field: '/deploymentId',
  });
});

test.each([
  ['/v1/waiting/deployments/{id}', '?wait=26', '/wait'],
  ['/v1/waiting/deployments/{id}/logs', '?wait=-1', '/wait'],
  ['/v1/deployments/{id}/events', '?after=-1', '/after'],
  ['/v1/deployments/{id}/events', '?level=loud', '/level'],
  ['/v1/deployments/{id}/events', '?source=elsewhere', '/source'],
])('%s%s is refused with the field', async (route, query, field) => {
  expect((await get(route, at.world.deployment.id, query)).body).toMatchObject({
    code: 'VALIDATION_FAILED',
    field,
  });
});

test('twenty of one person who wait at once for three places: some wait, the others are told to come again, and no place stays taken', async () => {
  const { id } = at.world.deployment;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => get('/v1/waiting/deployments/{id}', id, '?wait=1&revision=1')),
  );
  const statuses = answers.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  const again = await Promise.all(
    Array.from({ length: 3 }, () => get('/v1/waiting/deployments/{id}', id, '?wait=1&revision=1')),
  );
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
});
