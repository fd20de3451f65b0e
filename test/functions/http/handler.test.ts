import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { checkIfMatch, entityTag } from '../../../functions/http/entity-tag.ts';
import { httpHandler } from '../../../functions/http/handler.ts';
import { created, ok } from '../../../functions/http/reply.ts';
import { defineRoute, type EdgeDeps, type Route } from '../../../functions/http/route.ts';
import { environmentName, projectId } from '../../../shared/contracts/ids.ts';
import type { Grant } from '../../../shared/domain/access.ts';
import { AddressRefused } from '../../../shared/errors/net.ts';
import { Conflict, RateLimited } from '../../../shared/errors/requests.ts';
import { transact } from '../../../shared/store/engine.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { answerOf, contextOf, eventOf, type LogLine, recordingLog, type Sent } from '../api/support.ts';

const route = defineRoute<EdgeDeps>();
const PROJECT = 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const OTHER = 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAW';

const routes: Route<EdgeDeps>[] = [
  route({
    method: 'GET',
    path: '/v1/open',
    auth: 'public',
    handle: async () => ok({ open: true }, { revision: 1 }),
  }),
  route({
    method: 'POST',
    path: '/v1/things',
    auth: 'signed-in',
    body: z.strictObject({ name: z.string() }),
    handle: async ({ body, actor }) => created({ ...body, by: actor.subject }, '/v1/things/1'),
  }),
  route({ method: 'GET', path: '/v1/things/special', auth: 'public', handle: async () => ok('special') }),
  route({
    method: 'GET',
    path: '/v1/things/{name}',
    auth: 'public',
    params: z.strictObject({ name: z.string() }),
    handle: async ({ params }) => ok(params),
  }),
  route({
    method: 'DELETE',
    path: '/v1/projects/{projectId}',
    auth: { role: 'admin' },
    params: z.strictObject({ projectId }),
    handle: async () => ({ status: 204 }),
  }),
  route({
    method: 'GET',
    path: '/v1/projects/{projectId}/environments/{environment}',
    auth: { role: 'viewer' },
    params: z.strictObject({ projectId, environment: environmentName }),
    handle: async ({ params }) => ok(params),
  }),
  route({ method: 'POST', path: '/v1/claims', auth: 'runner', handle: async () => ok({}) }),
  route({
    method: 'GET',
    path: '/v1/broken',
    auth: 'public',
    handle: async () => {
      throw new Error('the password is hunter2');
    },
  }),
  route({
    method: 'GET',
    path: '/v1/throttled',
    auth: 'public',
    handle: async () => {
      throw Object.assign(new Error('slow down'), { $fault: 'client', $retryable: { throttling: true } });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/limited',
    auth: 'public',
    handle: async () => {
      throw new RateLimited('Too many starts.', 17);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/inside',
    auth: 'public',
    handle: async () => {
      throw new AddressRefused('internal.test', '10.1.2.3');
    },
  }),
  route({
    method: 'GET',
    path: '/v1/endless',
    auth: 'public',
    handle: () => new Promise(() => {}),
  }),
];

let store: TestStore;
const lines: LogLine[] = [];
let admin: string;

beforeAll(async () => {
  store = await freshStore();
  admin = await tokenFor([{ role: 'admin' }]);
});

async function tokenFor(grants: readonly Grant[], kind: 'api' | 'runner' = 'api', expiresAt?: string) {
  const base = { kind, name: 'test', subject: 'ada', grants, groups: [], createdBy: 'test' };
  const made = newToken(store, expiresAt === undefined ? base : { ...base, expiresAt });
  await transact(store, [made.write]);
  return made.secret;
}

async function send(request: string, sent: Sent = {}, remainingMs?: number) {
  const handler = httpHandler(routes, { store, log: recordingLog(lines, {}) });
  return answerOf(await handler(eventOf(request, sent, admin), contextOf(remainingMs)));
}

describe('a request is refused before any work', () => {
  test.each([
    ['an unknown path', 'GET /v1/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['an unknown method', 'PUT /v1/things', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['no token', 'POST /v1/things', { token: null, body: {} }, 401, 'UNAUTHENTICATED'],
    ['an invented token', 'POST /v1/things', { token: 'slp_x', body: {} }, 401, 'UNAUTHENTICATED'],
    [
      'another scheme',
      'POST /v1/things',
      { token: null, headers: { authorization: 'Basic YTpi' } },
      401,
      'UNAUTHENTICATED',
    ],
    [
      'too large a body',
      'POST /v1/things',
      { token: null, text: 'x'.repeat(256 * 1024 + 1) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'another content type',
      'POST /v1/things',
      { text: 'name=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a patch where none is taken',
      'POST /v1/things',
      { text: '{}', headers: { 'content-type': 'application/merge-patch+json' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['broken JSON', 'POST /v1/things', { text: '{"name":' }, 400, 'VALIDATION_FAILED'],
    ['an unknown field', 'POST /v1/things', { body: { name: 'a', more: 1 } }, 400, 'VALIDATION_FAILED'],
    [
      'an unknown query parameter',
      'POST /v1/things?dry=1',
      { body: { name: 'a' } },
      400,
      'VALIDATION_FAILED',
    ],
    ['a parameter given twice', 'GET /v1/open?a=1&a=2', {}, 400, 'VALIDATION_FAILED'],
    ['a malformed id', 'DELETE /v1/projects/nonsense', {}, 400, 'VALIDATION_FAILED'],
    [
      'an empty idempotency key',
      'POST /v1/things',
      { body: { name: 'a' }, headers: { 'idempotency-key': '' } },
      400,
      'VALIDATION_FAILED',
    ],
    [
      'too long an idempotency key',
      'POST /v1/things',
      { body: { name: 'a' }, headers: { 'idempotency-key': 'k'.repeat(256) } },
      400,
      'VALIDATION_FAILED',
    ],
  ] as const)('%s', async (_, request, sent: Sent, status, code) => {
    const answer = await send(request, sent);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, code, correlationId: 'request-0001' });
    expect(answer.headers['x-correlation-id']).toBe('request-0001');
  });
});

test('a body that arrives encoded is measured and read decoded', async () => {
  const event = eventOf('POST /v1/things', { body: { name: 'a' } }, admin);
  const handler = httpHandler(routes, { store, log: recordingLog(lines, {}) });
  const encoded = { ...event, isBase64Encoded: true, body: Buffer.from(event.body ?? '').toString('base64') };
  expect(answerOf(await handler(encoded, contextOf())).status).toBe(201);
});

test('405 names the methods that exist', async () => {
  expect((await send('PUT /v1/things')).headers['allow']).toBe('POST');
});

test('401 names the scheme', async () => {
  expect((await send('POST /v1/things', { token: null })).headers['www-authenticate']).toBe('Bearer');
});

test('a fixed segment wins over a parameter', async () => {
  expect((await send('GET /v1/things/special')).body).toBe('special');
  expect((await send('GET /v1/things/a%20b')).body).toEqual({ name: 'a b' });
});

test('the name of a stage in the path is no part of it', async () => {
  const event = eventOf('GET /live/v1/open', {}, admin);
  const handler = httpHandler(routes, { store, log: recordingLog(lines, {}) });
  const staged = { ...event, requestContext: { ...event.requestContext, stage: 'live' } };
  expect(answerOf(await handler(staged, contextOf())).status).toBe(200);
});

test('a well-formed correlation id of the caller is kept, any other is not', async () => {
  const kept = await send('GET /v1/nothing', { headers: { 'X-Correlation-Id': 'build-4711-abc' } });
  expect(kept.body).toMatchObject({ correlationId: 'build-4711-abc' });
  const replaced = await send('GET /v1/nothing', { headers: { 'x-correlation-id': 'a b\n' } });
  expect(replaced.body).toMatchObject({ correlationId: 'request-0001' });
});

test('what the caller knows already is not sent again', async () => {
  const first = await send('GET /v1/open');
  const { etag = '' } = first.headers;
  expect(etag).toMatch(/^"r1\.[\w-]{22}"$/);
  expect(first.headers['cache-control']).toBe('private, no-cache');
  // Weak comparison, as RFC 9110 has it for GET.
  const second = await send('GET /v1/open', { headers: { 'if-none-match': `W/"r0", W/${etag}` } });
  expect(second.status).toBe(304);
  expect(second.headers).toMatchObject({ etag });
  expect(second.body).toBeUndefined();
});

test('the tag of an answer changes with every byte of it, and is another for another revision', async () => {
  const tag = async (name: string) => (await send(`GET /v1/things/${name}`)).headers['etag'];
  expect(await tag('a')).toBe(await tag('a'));
  expect(await tag('a')).not.toBe(await tag('b'));
  expect(entityTag({ revision: 2 }, 'same')).not.toBe(entityTag({ revision: 1 }, 'same'));
});

test('a tag by a part of the answer is weak, and never good for a change', () => {
  const tag = entityTag({ by: { a: 1 }, revision: 3 }, 'one moment');
  expect(tag).toMatch(/^W\/"/);
  expect(tag).toBe(entityTag({ by: { a: 1 }, revision: 3 }, 'another moment'));
  expect(tag).not.toBe(entityTag({ by: { a: 2 }, revision: 3 }, 'one moment'));
  const change = (given: string) => () => checkIfMatch({ 'if-match': given }, 3);
  expect(change(tag)).toThrow(Conflict);
  expect(change('"r33.abc", "r2.abc"')).toThrow(Conflict);
  for (const fine of ['*', '"r3"', '"r2.abc", "r3.abc"', entityTag({ revision: 3 }, 'x')])
    expect(change(fine)).not.toThrow();
});

test('an answer that is no GET, or no answer to keep, has none', async () => {
  const made = await send('POST /v1/things', { body: { name: 'a' } });
  expect(made.headers).not.toHaveProperty('etag');
  expect(made.headers['cache-control']).toBe('no-store');
});

test('an unexpected failure tells the caller nothing and the log everything', async () => {
  lines.length = 0;
  const answer = await send('GET /v1/broken');
  expect(answer.status).toBe(500);
  expect(answer.body.code).toBe('INTERNAL');
  expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  const line = lines.find(({ level }) => level === 'error');
  expect(line?.facts['error']).toMatchObject({ message: 'the password is hunter2' });
  expect(line?.facts).toMatchObject({ correlationId: 'request-0001', route: 'GET /v1/broken' });
});

test('a throttled platform is 503 and worth another try', async () => {
  const answer = await send('GET /v1/throttled');
  expect(answer.body).toMatchObject({ status: 503, code: 'PLATFORM_UNAVAILABLE', retryable: true });
});

test('a rate limit says when to come back', async () => {
  const answer = await send('GET /v1/limited');
  expect(answer.headers['retry-after']).toBe('17');
  expect(answer.body).toMatchObject({ status: 429, retryAfterSeconds: 17 });
});

test('a refused address does not tell where a name leads to', async () => {
  const answer = await send('GET /v1/inside');
  expect(answer.body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  expect(JSON.stringify(answer.body)).not.toContain('10.1.2.3');
});

test('a handler that does not come back is answered for before the function is cut off', async () => {
  const answer = await send('GET /v1/endless', {}, 400);
  expect(answer.body).toMatchObject({ status: 503, code: 'PLATFORM_UNAVAILABLE' });
});

describe('tokens', () => {
  test('a token is refused from its expiry on, and with any character changed', async () => {
    const expiresAt = new Date(store.clock.now() + 60_000).toISOString();
    const token = await tokenFor([{ role: 'admin' }], 'api', expiresAt);
    const sent = { token, body: { name: 'a' } };
    expect((await send('POST /v1/things', sent)).status).toBe(201);
    const changed = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect((await send('POST /v1/things', { ...sent, token: changed })).status).toBe(401);
    store.clock.advance(60_000);
    expect((await send('POST /v1/things', sent)).status).toBe(401);
  });

  test('a runner token opens runner routes and nothing else; no other token opens those', async () => {
    const runner = await tokenFor([{ role: 'admin' }], 'runner');
    expect((await send('POST /v1/claims', { token: runner })).status).toBe(200);
    expect((await send('POST /v1/things', { token: runner, body: { name: 'a' } })).body.code).toBe(
      'PERMISSION_DENIED',
    );
    expect((await send('POST /v1/claims')).body.code).toBe('PERMISSION_DENIED');
  });

  test('what a token may not see answers as what is not there; what it may only see answers 403', async () => {
    const token = await tokenFor([{ role: 'viewer', projectId: PROJECT, environment: 'staging' }]);
    const get = (path: string) => send(`GET ${path}`, { token });
    expect((await get(`/v1/projects/${PROJECT}/environments/staging`)).status).toBe(200);
    expect((await get(`/v1/projects/${PROJECT}/environments/production`)).body.code).toBe(
      'ENVIRONMENT_NOT_FOUND',
    );
    expect((await get(`/v1/projects/${OTHER}/environments/staging`)).body.code).toBe('PROJECT_NOT_FOUND');
    expect((await send(`DELETE /v1/projects/${OTHER}`, { token })).body.code).toBe('PROJECT_NOT_FOUND');
    expect((await send(`DELETE /v1/projects/${PROJECT}`, { token })).body.code).toBe('PERMISSION_DENIED');
  });
});
