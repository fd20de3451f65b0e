import { beforeAll, describe, expect, test } from 'vitest';
import { makeProject, type TestApi, testApi } from './support.ts';

let api: TestApi;
let project: string;
let production: string;
beforeAll(async () => {
  api = await testApi();
  project = await makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' } });
  production = `/v1/projects/${project}/environments/production`;
});

const http = { type: 'http', name: 'purge', url: 'https://hooks.example.com/purge' } as const;
const command = { type: 'command', name: 'smoke', command: './smoke.sh' } as const;
const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ...command, name: `hook-${i}` }));

/** [what is wrong, hooks, pointer below /hooks] */
const WRONG: [string, unknown, string][] = [
  ['hooks that are a list', [], ''],
  ['a member that is not known', { before: [] }, '/before'],
  ['a phase that is no list', { pre: http }, '/pre'],
  ['eleven of a phase', { post: many(11) }, '/post'],
  ['a type that is not known', { pre: [{ ...http, type: 'lambda' }] }, '/pre/0/type'],
  ['no name', { pre: [{ type: 'command', command: 'true' }] }, '/pre/0/name'],
  ['a name that is no slug', { pre: [{ ...command, name: 'Smoke Test' }] }, '/pre/0/name'],
  ['a name of 41 characters', { pre: [{ ...command, name: 'a'.repeat(41) }] }, '/pre/0/name'],
  ['a name twice in a phase', { post: [http, { ...command, name: 'purge' }] }, '/post/1/name'],
  ['a url that is none', { post: [{ ...http, url: 'purge' }] }, '/post/0/url'],
  ['a url of another scheme', { post: [{ ...http, url: 'ftp://example.com/' }] }, '/post/0/url'],
  ['a url with a password', { post: [{ ...http, url: 'https://a:b@example.com/' }] }, '/post/0/url'],
  ['a method that is not possible', { post: [{ ...http, method: 'DELETE' }] }, '/post/0/method'],
  ['a member of the other type', { post: [{ ...http, command: 'true' }] }, '/post/0/command'],
  ['a status that is none', { post: [{ ...http, expectStatus: 42 }] }, '/post/0/expectStatus'],
  ['a call of 31 s', { post: [{ ...http, timeoutSeconds: 31 }] }, '/post/0/timeoutSeconds'],
  ['a call of no time', { post: [{ ...http, timeoutSeconds: 0 }] }, '/post/0/timeoutSeconds'],
  [
    'a command of more than an hour',
    { post: [{ ...command, timeoutSeconds: 3601 }] },
    '/post/0/timeoutSeconds',
  ],
  ['half a second', { post: [{ ...command, timeoutSeconds: 0.5 }] }, '/post/0/timeoutSeconds'],
  ['an empty command', { post: [{ ...command, command: '' }] }, '/post/0/command'],
  ['a command of 2001 characters', { post: [{ ...command, command: 'a'.repeat(2001) }] }, '/post/0/command'],
  ['a secret that is no name', { post: [{ ...http, secret: 'whsec_abc=' }] }, '/post/0/secret'],
  ['a host header', { post: [{ ...http, headers: { Host: 'x' } }] }, '/post/0/headers/Host'],
  ['a header of the connection', { post: [{ ...http, headers: { te: 'x' } }] }, '/post/0/headers/te'],
  [
    'a secret in a header',
    { post: [{ ...http, headers: { Authorization: 'Bearer x' } }] },
    '/post/0/headers/Authorization',
  ],
  ['a header with a line feed', { post: [{ ...http, headers: { a: 'b\nc' } }] }, '/post/0/headers/a'],
  ['a header that is no name', { post: [{ ...http, headers: { 'a b': 'c' } }] }, '/post/0/headers/a b'],
  ['a header twice', { post: [{ ...http, headers: { 'x-a': '1', 'X-A': '2' } }] }, '/post/0/headers/X-A'],
  [
    'eleven headers',
    { post: [{ ...http, headers: Object.fromEntries(many(11).map(({ name }) => [name, 'x'])) }] },
    '/post/0/headers',
  ],
  ['a pre hook for rollbacks', { pre: [{ ...command, onRollback: true }] }, '/pre/0/onRollback'],
  ['onRollback that is no yes or no', { post: [{ ...command, onRollback: 'yes' }] }, '/post/0/onRollback'],
];

describe('hooks of an environment', () => {
  test('are shown as they were given, with what is left out', async () => {
    const hooks = { pre: [command], post: [{ ...http, headers: { 'X-Team': 'web' }, onRollback: true }] };
    const changed = await api.send(`PATCH ${production}`, { body: { hooks } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ hooks: { ...hooks, onPostFailure: 'fail' } });
    const made = await api.send(`POST /v1/projects/${project}/environments`, {
      body: { name: 'staging', type: 'staging', hooks: { post: [command], onPostFailure: 'warn' } },
    });
    expect(made.body).toMatchObject({ hooks: { pre: [], post: [command], onPostFailure: 'warn' } });
    const gone = await api.send(`PATCH ${production}`, { body: { hooks: null } });
    expect(gone.body).not.toHaveProperty('hooks');
  });

  test.each([
    ...WRONG,
    ['a rule that is not known', { onPostFailure: 'ignore' }, '/onPostFailure'],
    [
      'more than 32 KB',
      {
        pre: many(10).map((hook) => ({ ...hook, command: 'a'.repeat(2000) })),
        post: many(10).map((hook) => ({ ...hook, command: 'a'.repeat(2000) })),
      },
      '',
    ],
  ] as [string, unknown, string][])('may not be %s', async (_, hooks, pointer) => {
    const { status, body } = await api.send(`PATCH ${production}`, { body: { hooks } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', field: `/hooks${pointer}` });
  });
});

describe('hooks of a deployment', () => {
  test('are shown with their commands before anybody approves it, the request’s behind the environment’s', async () => {
    const id = await makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' } });
    const approvals = { required: 1 };
    await api.send(`PATCH /v1/projects/${id}/environments/production`, {
      body: { hooks: { post: [http] }, approvals },
    });
    const { body } = await api.send('POST /v1/deployments', {
      body: { projectId: id, hooks: { post: [command] } },
    });
    expect(body).toMatchObject({
      hooksSnapshot: { pre: [], post: [http, command], onPostFailure: 'fail' },
    });
  });

  test.each([
    ...WRONG,
    ['a rule, which is the environment’s', { onPostFailure: 'warn' }, '/onPostFailure'],
    [
      'for rollbacks, which run none of a request',
      { post: [{ ...command, onRollback: true }] },
      '/post/0/onRollback',
    ],
  ] as [string, unknown, string][])('may not be %s', async (_, hooks, pointer) => {
    const { status, body } = await api.send('POST /v1/deployments', { body: { projectId: project, hooks } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', field: `/hooks${pointer}` });
  });

  test('replace none of the environment, and together they are ten at the most', async () => {
    await api.send(`PATCH ${production}`, { body: { hooks: { post: [http, ...many(8)] } } });
    const start = (hooks: object) =>
      api.send('POST /v1/deployments', { body: { projectId: project, hooks } });
    const taken = await start({ post: [{ ...http, url: 'https://elsewhere.example.com/' }] });
    expect(taken.body).toMatchObject({
      code: 'PREREQUISITES_NOT_MET',
      issues: [{ field: '/hooks/post/0/name', code: 'HOOK_NAME_TAKEN' }],
    });
    const tooMany = await start({ post: [command, { ...command, name: 'more' }] });
    expect(tooMany.body).toMatchObject({ issues: [{ field: '/hooks/post', code: 'TOO_MANY_HOOKS' }] });
    expect((await start({ post: [command], pre: [http] })).status).toBe(202);
  });

  test('that sign with a secret which the environment lacks are refused before anything starts', async () => {
    const id = await makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' } });
    const hooks = { post: [{ ...http, secret: 'HOOK_KEY' }] };
    const { status, body } = await api.send('POST /v1/deployments', { body: { projectId: id, hooks } });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'PREREQUISITES_NOT_MET',
      issues: [
        {
          code: 'NO_SECRET',
          message: 'environment production has no sensitive variable HOOK_KEY, which a hook signs with',
        },
      ],
    });
  });
});
