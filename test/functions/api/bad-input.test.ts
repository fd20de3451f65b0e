import { beforeAll, expect, test } from 'vitest';
import { makeProject, type Sent, type TestApi, testApi } from './support.ts';

let api: TestApi;
let project: string;
/** Ids of the right form that nothing has. */
const NO_PROJECT = 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const NO_VERSION = 'ver_01ARZ3NDEKTSV4RRFFQ69G5FAV';

beforeAll(async () => {
  api = await testApi();
  project = await makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' } });
});

const site = { name: 'some-name', target: { kind: 'site' } };
const withRepository = (url: string) => ({ ...site, repository: { url } });
const withBuild = (build: object) => ({ ...site, build });
const upload = (source: object) => ({
  source: { type: 'upload', sha256: 'a'.repeat(64), size: 100, ...source },
});
const nested = (depth: number): object => (depth === 0 ? {} : { deeper: nested(depth - 1) });

/** [request with P for the project, what is sent, status, code, field] */
const cases: [string, Sent, number, string, string | undefined][] = [
  // projects
  ['POST /v1/projects', { body: {} }, 400, 'VALIDATION_FAILED', '/name'],
  ['POST /v1/projects', { body: [] }, 400, 'VALIDATION_FAILED', ''],
  ['POST /v1/projects', { text: 'null' }, 400, 'VALIDATION_FAILED', ''],
  ['POST /v1/projects', { body: { ...site, name: 'Not A Slug' } }, 400, 'VALIDATION_FAILED', '/name'],
  ['POST /v1/projects', { body: { ...site, name: 'a--b' } }, 400, 'VALIDATION_FAILED', '/name'],
  ['POST /v1/projects', { body: { ...site, name: 'a'.repeat(64) } }, 400, 'VALIDATION_FAILED', '/name'],
  ['POST /v1/projects', { body: { ...site, name: 7 } }, 400, 'VALIDATION_FAILED', '/name'],
  ['POST /v1/projects', { body: { ...site, owner: 'me' } }, 400, 'VALIDATION_FAILED', '/owner'],
  [
    'POST /v1/projects',
    { text: '{"name":"a","target":{"kind":"site"},"__proto__":{"admin":true}}' },
    400,
    'VALIDATION_FAILED',
    '/__proto__',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, target: { kind: 'cloud' } } },
    400,
    'VALIDATION_FAILED',
    '/target/kind',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, target: { kind: 'site', fallback: 'no' } } },
    400,
    'VALIDATION_FAILED',
    '/target/fallback',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, target: { kind: 'custom', url: 'javascript:alert(1)', secret: 'S' } } },
    400,
    'VALIDATION_FAILED',
    '/target/url',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, target: { kind: 'custom', url: 'https://u:p@h.example', secret: 'S' } } },
    400,
    'VALIDATION_FAILED',
    '/target/url',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, dependsOn: [NO_PROJECT] } },
    400,
    'VALIDATION_FAILED',
    '/dependsOn/0',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, dependsOn: [NO_PROJECT, NO_PROJECT] } },
    400,
    'VALIDATION_FAILED',
    '/dependsOn',
  ],
  ['POST /v1/projects', { body: { ...site, dependsOn: ['x'] } }, 400, 'VALIDATION_FAILED', '/dependsOn/0'],
  ['POST /v1/projects', { body: { ...site, configuration: [] } }, 400, 'VALIDATION_FAILED', '/configuration'],
  [
    'POST /v1/projects',
    { body: { ...site, configuration: nested(30) } },
    400,
    'VALIDATION_FAILED',
    '/configuration',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, configuration: { text: 'x'.repeat(40_000) } } },
    400,
    'VALIDATION_FAILED',
    '/configuration',
  ],
  [
    'POST /v1/projects',
    {
      text: `{"name":"a","target":{"kind":"site"},"configuration":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    },
    400,
    'VALIDATION_FAILED',
    '/configuration',
  ],
  [
    'POST /v1/projects',
    { text: '{"name":"a","target":{"kind":"site"},"configuration":{"a":{"__proto__":1}}}' },
    400,
    'VALIDATION_FAILED',
    '/configuration',
  ],
  ...[
    '{"constructor":1}',
    '{"a":{"constructor":{"name":"Set"}}}',
    '{"":1}',
    '{"n":1e300}',
    '{"n":9007199254740993}',
    '{"n":1e-200}',
  ].map((configuration): [string, Sent, number, string, string] => [
    'POST /v1/projects',
    { text: `{"name":"a","target":{"kind":"site"},"configuration":${configuration}}` },
    400,
    'VALIDATION_FAILED',
    '/configuration',
  ]),
  [
    'POST /v1/projects',
    { text: '{"name":"a","target":{"kind":"site"},"configuration":{"half":"\\ud83d"}}' },
    400,
    'VALIDATION_FAILED',
    '',
  ],
  // repositories
  [
    'POST /v1/projects',
    { body: withRepository('--upload-pack=touch /tmp/x') },
    400,
    'VALIDATION_FAILED',
    '/repository/url',
  ],
  [
    'POST /v1/projects',
    { body: withRepository('ext::sh -c whoami') },
    400,
    'VALIDATION_FAILED',
    '/repository/url',
  ],
  [
    'POST /v1/projects',
    { body: withRepository('https://user:secret@git.example.com/a.git') },
    400,
    'VALIDATION_FAILED',
    '/repository/url',
  ],
  [
    'POST /v1/projects',
    { body: withRepository('https://git.example.com/a.git\nHost: evil') },
    400,
    'VALIDATION_FAILED',
    '/repository/url',
  ],
  [
    'POST /v1/projects',
    { body: withRepository('ftp://git.example.com/a.git') },
    400,
    'VALIDATION_FAILED',
    '/repository/url',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, repository: { url: 'https://git.example.com/a.git', defaultBranch: '--force' } } },
    400,
    'VALIDATION_FAILED',
    '/repository/defaultBranch',
  ],
  [
    'POST /v1/projects',
    { body: { ...site, repository: { url: 'https://git.example.com/a.git', credential: 'not a name' } } },
    400,
    'VALIDATION_FAILED',
    '/repository/credential',
  ],
  // builds
  [
    'POST /v1/projects',
    { body: withBuild({ outputDirectory: '../outside' }) },
    400,
    'VALIDATION_FAILED',
    '/build/outputDirectory',
  ],
  [
    'POST /v1/projects',
    { body: withBuild({ outputDirectory: '/etc' }) },
    400,
    'VALIDATION_FAILED',
    '/build/outputDirectory',
  ],
  [
    'POST /v1/projects',
    { body: withBuild({ outputDirectory: 'a/../../b' }) },
    400,
    'VALIDATION_FAILED',
    '/build/outputDirectory',
  ],
  [
    'POST /v1/projects',
    { body: withBuild({ rootDirectory: '-rf' }) },
    400,
    'VALIDATION_FAILED',
    '/build/rootDirectory',
  ],
  [
    'POST /v1/projects',
    { body: withBuild({ rootDirectory: 'a\\..\\b' }) },
    400,
    'VALIDATION_FAILED',
    '/build/rootDirectory',
  ],
  [
    'POST /v1/projects',
    { body: withBuild({ buildCommand: 'npm\u0000run' }) },
    400,
    'VALIDATION_FAILED',
    '/build/buildCommand',
  ],
  [
    'POST /v1/projects',
    { body: withBuild({ nodeVersion: '24; rm -rf /' }) },
    400,
    'VALIDATION_FAILED',
    '/build/nodeVersion',
  ],
  // ids and queries
  ['GET /v1/projects/none', {}, 400, 'VALIDATION_FAILED', '/projectId'],
  [`GET /v1/projects/${NO_PROJECT}`, {}, 404, 'PROJECT_NOT_FOUND', undefined],
  [`PATCH /v1/projects/${NO_PROJECT}`, { body: {} }, 404, 'PROJECT_NOT_FOUND', undefined],
  [`DELETE /v1/projects/${NO_PROJECT}`, {}, 404, 'PROJECT_NOT_FOUND', undefined],
  ['GET /v1/projects?limit=0', {}, 400, 'VALIDATION_FAILED', '/limit'],
  ['GET /v1/projects?limit=101', {}, 400, 'VALIDATION_FAILED', '/limit'],
  ['GET /v1/projects?limit=1e2', {}, 400, 'VALIDATION_FAILED', '/limit'],
  ['GET /v1/projects?order=up', {}, 400, 'VALIDATION_FAILED', '/order'],
  ['GET /v1/projects?cursor=AAAA', {}, 400, 'VALIDATION_FAILED', '/cursor'],
  ['GET /v1/projects?page=2', {}, 400, 'VALIDATION_FAILED', '/page'],
  ['PATCH /v1/projects/P', { body: { name: 'other' } }, 400, 'VALIDATION_FAILED', '/name'],
  [
    'PATCH /v1/projects/P',
    { body: { target: { kind: 'custom', url: 'https://a.example', secret: 'S' } } },
    400,
    'VALIDATION_FAILED',
    '/target/kind',
  ],
  ['PATCH /v1/projects/P', { body: { id: NO_PROJECT } }, 400, 'VALIDATION_FAILED', '/id'],
  ['PATCH /v1/projects/P', { body: { lifecycle: 'active' } }, 400, 'VALIDATION_FAILED', '/lifecycle'],
  ['PATCH /v1/projects/P', { body: { name: null } }, 400, 'VALIDATION_FAILED', '/name'],
  ['PATCH /v1/projects/P', { body: [] }, 400, 'VALIDATION_FAILED', ''],
  // environments
  ['POST /v1/projects/P/environments', { body: { name: 'staging' } }, 400, 'VALIDATION_FAILED', '/type'],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'UP', type: 'staging' } },
    400,
    'VALIDATION_FAILED',
    '/name',
  ],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'staging', type: 'stage' } },
    400,
    'VALIDATION_FAILED',
    '/type',
  ],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'staging', type: 'staging', concurrency: 'race' } },
    400,
    'VALIDATION_FAILED',
    '/concurrency',
  ],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'staging', type: 'staging', timeouts: { buildSeconds: 0 } } },
    400,
    'VALIDATION_FAILED',
    '/timeouts/buildSeconds',
  ],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'staging', type: 'staging', healthCheck: { path: 'x' } } },
    400,
    'VALIDATION_FAILED',
    '/healthCheck/path',
  ],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'staging', type: 'staging', healthCheck: { url: 'file:///etc/passwd' } } },
    400,
    'VALIDATION_FAILED',
    '/healthCheck/url',
  ],
  [
    'POST /v1/projects/P/environments',
    { body: { name: 'production', type: 'production' } },
    409,
    'ALREADY_EXISTS',
    '/name',
  ],
  [
    `POST /v1/projects/${NO_PROJECT}/environments`,
    { body: { name: 'staging', type: 'staging' } },
    404,
    'PROJECT_NOT_FOUND',
    undefined,
  ],
  ['GET /v1/projects/P/environments/none', {}, 404, 'ENVIRONMENT_NOT_FOUND', undefined],
  [`GET /v1/projects/${NO_PROJECT}/environments/production`, {}, 404, 'PROJECT_NOT_FOUND', undefined],
  [
    'PATCH /v1/projects/P/environments/production',
    { body: { isDefault: false } },
    400,
    'VALIDATION_FAILED',
    '/isDefault',
  ],
  [
    'PATCH /v1/projects/P/environments/production',
    { body: { variables: {} } },
    400,
    'VALIDATION_FAILED',
    '/variables',
  ],
  ['PATCH /v1/projects/P/environments/none', { body: {} }, 404, 'ENVIRONMENT_NOT_FOUND', undefined],
  ['DELETE /v1/projects/P/environments/none', {}, 404, 'ENVIRONMENT_NOT_FOUND', undefined],
  // variables
  ...[
    'PATH',
    'path',
    'LD_PRELOAD',
    'NODE_OPTIONS',
    'AWS_SECRET_ACCESS_KEY',
    'DYLD_X',
    'NODE_options',
    'SLIPWAY_X',
    'BASH_ENV',
    '__proto__',
    '1A',
    'A-B',
    'A=B',
  ].map((key): [string, Sent, number, string, string] => [
    `PUT /v1/projects/P/environments/production/variables/${encodeURIComponent(key)}`,
    { body: { value: 'x' } },
    400,
    'VALIDATION_FAILED',
    '/key',
  ]),
  [
    'PUT /v1/projects/P/environments/production/variables/A',
    { body: {} },
    400,
    'VALIDATION_FAILED',
    '/value',
  ],
  [
    'PUT /v1/projects/P/environments/production/variables/A',
    { body: { value: 1 } },
    400,
    'VALIDATION_FAILED',
    '/value',
  ],
  [
    'PUT /v1/projects/P/environments/production/variables/A',
    { body: { value: 'x'.repeat(5000) } },
    400,
    'VALIDATION_FAILED',
    '/value',
  ],
  [
    'PUT /v1/projects/P/environments/production/variables/A',
    { body: { value: '', sensitive: true } },
    400,
    'VALIDATION_FAILED',
    '/value',
  ],
  [
    'PUT /v1/projects/P/environments/production/variables/A',
    { body: { value: 'a\u0000b' } },
    400,
    'VALIDATION_FAILED',
    '/value',
  ],
  [
    'PUT /v1/projects/P/environments/production/variables/A',
    { body: { value: 'x', use: 'never' } },
    400,
    'VALIDATION_FAILED',
    '/use',
  ],
  [
    'PUT /v1/projects/P/environments/none/variables/A',
    { body: { value: 'x' } },
    404,
    'ENVIRONMENT_NOT_FOUND',
    undefined,
  ],
  ['DELETE /v1/projects/P/environments/production/variables/A', {}, 404, 'VARIABLE_NOT_FOUND', undefined],
  [
    'DELETE /v1/projects/P/environments/production/variables/constructor',
    {},
    404,
    'VARIABLE_NOT_FOUND',
    undefined,
  ],
  // versions
  [
    'POST /v1/projects/P/versions',
    { body: { source: { type: 'git', ref: '--upload-pack=x' } } },
    400,
    'VALIDATION_FAILED',
    '/source/ref',
  ],
  [
    'POST /v1/projects/P/versions',
    { body: { source: { type: 'git', ref: 'a..b' } } },
    400,
    'VALIDATION_FAILED',
    '/source/ref',
  ],
  [
    'POST /v1/projects/P/versions',
    { body: { source: { type: 'git', ref: 'a\nb' } } },
    400,
    'VALIDATION_FAILED',
    '/source/ref',
  ],
  [
    'POST /v1/projects/P/versions',
    { body: { source: { type: 'tape' } } },
    400,
    'VALIDATION_FAILED',
    '/source/type',
  ],
  [
    'POST /v1/projects/P/versions',
    { body: upload({ sha256: 'A'.repeat(64) }) },
    400,
    'VALIDATION_FAILED',
    '/source/sha256',
  ],
  [
    'POST /v1/projects/P/versions',
    { body: upload({ size: 500 * 1024 * 1024 + 1 }) },
    400,
    'VALIDATION_FAILED',
    '/source/size',
  ],
  ['POST /v1/projects/P/versions', { body: upload({ size: 1.5 }) }, 400, 'VALIDATION_FAILED', '/source/size'],
  [`POST /v1/projects/${NO_PROJECT}/versions`, { body: upload({}) }, 404, 'PROJECT_NOT_FOUND', undefined],
  [`GET /v1/projects/P/versions/${NO_VERSION}`, {}, 404, 'VERSION_NOT_FOUND', undefined],
  [`POST /v1/projects/P/versions/${NO_VERSION}/complete`, {}, 404, 'VERSION_NOT_FOUND', undefined],
  // tokens and runners
  ['POST /v1/tokens', { body: { name: 'x', grants: [] } }, 400, 'VALIDATION_FAILED', '/grants'],
  [
    'POST /v1/tokens',
    { body: { name: 'x', grants: [{ role: 'god' }] } },
    400,
    'VALIDATION_FAILED',
    '/grants/0/role',
  ],
  [
    'POST /v1/tokens',
    { body: { name: 'x\n', grants: [{ role: 'viewer' }] } },
    400,
    'VALIDATION_FAILED',
    '/name',
  ],
  [
    'POST /v1/tokens',
    { body: { name: 'x', grants: [{ role: 'viewer' }], expiresInSeconds: 1 } },
    400,
    'VALIDATION_FAILED',
    '/expiresInSeconds',
  ],
  ['DELETE /v1/tokens/tok_01ARZ3NDEKTSV4RRFFQ69G5FAV', {}, 404, 'TOKEN_NOT_FOUND', undefined],
  ['POST /v1/runners', { body: { name: 'x', label: 'a b' } }, 400, 'VALIDATION_FAILED', '/label'],
  ['POST /v1/runners', { body: { name: 'x', serves: [] } }, 400, 'VALIDATION_FAILED', '/serves'],
  [
    'POST /v1/runners',
    { body: { name: 'x', serves: [{ projectId: 'p' }] } },
    400,
    'VALIDATION_FAILED',
    '/serves/0/projectId',
  ],
  ['DELETE /v1/runners/run_01ARZ3NDEKTSV4RRFFQ69G5FAV', {}, 404, 'RUNNER_NOT_FOUND', undefined],
];

test.each(cases)(
  '%s %o is refused with %i %s %s and writes nothing',
  async (request, sent, status, code, field) => {
    const before = await api.items();
    const answer = await api.send(request.replace('/P', `/${project}`), sent);
    expect(answer.body).toMatchObject({ status, code, ...(field === undefined ? {} : { field }) });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(await api.items()).toBe(before);
  },
);

test('a version of a git ref needs a repository', async () => {
  const bare = await makeProject(api);
  const before = await api.items();
  const answer = await api.send(`POST /v1/projects/${bare}/versions`, {
    body: { source: { type: 'git', ref: 'main' } },
  });
  expect(answer.body).toMatchObject({
    status: 400,
    code: 'PREREQUISITES_NOT_MET',
    issues: [{ field: '/source', code: 'NO_REPOSITORY' }],
  });
  expect(await api.items()).toBe(before);
});
