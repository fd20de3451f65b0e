import { beforeAll, describe, expect, test } from 'vitest';
import { apiRoutes } from '../../../functions/api/routes.ts';
import { makeProject, type Sent, type TestApi, testApi } from './support.ts';

/** A value of the right form for each name in a path, of something that is not there, and what says so. */
const NOBODY: Readonly<Record<string, { readonly value: string; readonly code?: string }>> = {
  projectId: { value: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'PROJECT_NOT_FOUND' },
  versionId: { value: 'ver_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'VERSION_NOT_FOUND' },
  deploymentId: { value: 'dep_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'DEPLOYMENT_NOT_FOUND' },
  tokenId: { value: 'tok_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'TOKEN_NOT_FOUND' },
  runnerId: { value: 'run_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'RUNNER_NOT_FOUND' },
  freezeId: { value: 'frz_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'FREEZE_NOT_FOUND' },
  scheduleId: { value: 'sch_01ARZ3NDEKTSV4RRFFQ69G5FAV', code: 'SCHEDULE_NOT_FOUND' },
  environment: { value: 'nowhere' },
  key: { value: 'NOTHING' },
};
/** What no id, name or key can be, as a URL carries it. */
const MALFORMED = ['-', '..%2F..', '%00', '%F0%9F%92%A3', 'A%20B', '1_', 'x'.repeat(300)];

const paramsOf = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
const filled = (path: string, over: Readonly<Record<string, string>> = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => over[name] ?? NOBODY[name]?.value ?? 'unheard-of');

const routes = apiRoutes.map((route) => ({ ...route, name: `${route.method} ${route.path}` }));
const closed = routes.filter(({ auth }) => auth !== 'public');
const taking = routes.filter(({ method }) => method !== 'GET' && method !== 'DELETE');

let api: TestApi;
let project: string;
beforeAll(async () => {
  api = await testApi();
  project = await makeProject(api);
});

/** Sends each request; every one of them must be refused by a problem document, and none may write. */
async function refusals(requests: readonly (readonly [string, Sent])[]) {
  const before = await api.items();
  const problems = [];
  for (const [request, sent] of requests) {
    const { status, headers, body } = await api.send(request, sent);
    expect(headers['content-type'], request).toBe('application/problem+json');
    expect(body, request).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) });
    expect(status, request).not.toBe(500);
    problems.push({ status, body });
  }
  expect(await api.items()).toBe(before);
  return problems;
}

describe.each(taking)('$name', ({ method, path }) => {
  const request = `${method} ${filled(path)}`;
  const refused = async (...sent: readonly Sent[]) => refusals(sent.map((each) => [request, each] as const));

  test('takes JSON and nothing else', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''];
    const sent = types.map((type) => ({ text: '{}', headers: { 'content-type': type } }));
    const problems = await refused(...sent);
    expect(problems.map(({ body }) => body.code)).toEqual(types.map(() => 'UNSUPPORTED_MEDIA_TYPE'));
  });

  test('takes whole JSON, and of that objects alone', async () => {
    const texts = [
      '{',
      '{"a":}',
      "{'a':1}",
      '\u0000',
      '[]',
      'null',
      '7',
      '"x"',
      'true',
      `${'['.repeat(9000)}`,
    ];
    const problems = await refused(...texts.map((text) => ({ text })));
    const expected = { status: 400, body: { code: 'VALIDATION_FAILED', field: '' } };
    for (const problem of problems) expect(problem).toMatchObject(expected);
  });

  test('names a key that it does not know', async () => {
    const place = { projectId: project, environment: 'production' };
    const [problem] = await refusals([
      [`${method} ${filled(path, place)}`, { text: '{"nobodyKnowsThis":1}' }],
    ]);
    // A patch is checked together with what it changes, so that has to be there.
    if (method === 'PATCH' && problem?.status === 404) return;
    expect(problem?.body.errors?.map(({ field }) => field)).toContain('/nobodyKnowsThis');
  });

  test('does not read what is too large', async () => {
    const [problem] = await refused({ body: { text: 'x'.repeat(256 * 1024) } });
    expect(problem).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  });
});

test.each(routes)('$name refuses a query that it does not know', async ({ method, path, auth, query }) => {
  const token = auth === 'public' ? { token: null } : {};
  const once = `${method} ${filled(path)}?nobodyKnowsThis=1`;
  const twice = `${method} ${filled(path)}?limit=1&limit=2`;
  const problems = await refusals([
    [once, token],
    [twice, token],
  ]);
  expect(problems.map(({ body }) => [body.code, body.field])).toEqual([
    ['VALIDATION_FAILED', '/nobodyKnowsThis'],
    ['VALIDATION_FAILED', query === undefined ? expect.stringMatching('/limit') : '/limit'],
  ]);
});

test.each(closed)('$name is for nobody without a token, or with a wrong one', async ({ method, path }) => {
  const request = `${method} ${filled(path)}`;
  const wrong = [null, 'slp_nonsense', 'a.b.c', '', `slp_${'x'.repeat(5000)}`];
  const problems = await refusals(wrong.map((token) => [request, { token }] as const));
  for (const problem of problems) expect(problem.body.code).toBe('UNAUTHENTICATED');
});

const placed = closed.flatMap((route) => paramsOf(route.path).map((param) => ({ ...route, param })));

test.each(placed)('$name refuses what can be no {$param}', async ({ method, path, param }) => {
  const sent = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
  const requests = MALFORMED.map((value) => [`${method} ${filled(path, { [param]: value })}`, sent] as const);
  for (const { status, body } of await refusals(requests)) {
    // A path whose pieces do not decode, or decode to more pieces, leads nowhere.
    expect([status, body.code, body.field]).toEqual([400, 'VALIDATION_FAILED', `/${param}`]);
  }
});

const looking = closed.filter(({ method, path }) => paramsOf(path).length > 0 && /GET|DELETE/.test(method));

test.each(looking)('$name says of which kind it is that is not there', async ({ method, path }) => {
  const [problem] = await refusals([[`${method} ${filled(path)}`, {}]]);
  const code = NOBODY[paramsOf(path)[0] ?? '']?.code;
  expect(problem).toMatchObject({ status: 404, body: { code } });
});
