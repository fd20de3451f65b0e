import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type EdgeEvent,
  type EdgeRequest,
  type EdgeResponse,
  loadViewerFunction,
} from '../../../local/edge/viewer-function.ts';
import { previewToken } from '../../../shared/targets/site/preview.ts';

const file = (name: string) => join(import.meta.dirname, '../../../infra/edge', name);

const LIVE = 'dep_01J00000000000000000000001';
const STAGED = 'dep_01J00000000000000000000002';
const SITE = { projectId: 'prj_01J00000000000000000000001', environment: 'production' };
const OTHER = { ...SITE, environment: 'staging' };
const siteOf = (site: typeof SITE) => `${site.projectId}/${site.environment}`;
const HOST = 'production--shop.example.org';

const stored: Record<string, string> = {
  [`host:${HOST}`]: siteOf(SITE),
  [`site:${siteOf(SITE)}`]: JSON.stringify({ release: LIVE, fence: 4 }),
  'host:empty.example.org': siteOf(OTHER),
  [`site:${siteOf(OTHER)}`]: JSON.stringify({ release: null, fence: 5 }),
  'preview-secret': 'a secret of this test',
};
const store = {
  get: async (key: string) => {
    const value = stored[key];
    // The real one rejects too, with an error that says nothing else.
    if (value === undefined) throw new RangeError('key not found');
    return value;
  },
};
const viewerRequest = await loadViewerFunction<EdgeRequest | EdgeResponse>(file('viewer-request.js'), store);
const viewerResponse = await loadViewerFunction<EdgeResponse>(file('viewer-response.js'), store);

const ask = (uri: string, more: Partial<EdgeRequest> = {}) => {
  const request = {
    method: 'GET',
    uri,
    querystring: {},
    headers: { host: { value: HOST } },
    cookies: {},
    ...more,
  };
  return viewerRequest({ context: { requestId: 'request-1' }, request });
};
const inAnHour = Date.now() + 3600_000;
const token = (site = SITE, release = STAGED, expiresAt = inAnHour) =>
  previewToken('a secret of this test', site, release, expiresAt);

test.each(['viewer-request.js', 'viewer-response.js'])('%s fits what CloudFront takes', async (name) => {
  const source = await readFile(file(name), 'utf8');
  expect(Buffer.byteLength(source)).toBeLessThanOrEqual(10 * 1024);
  // Only what cloudfront-js-2.0 documents beyond ECMAScript 5.1; lowering anything else would change the code.
  const allowed = {
    'const-and-let': true,
    'async-await': true,
    arrow: true,
    'object-extensions': true,
  } as const;
  const lowered = await transform(source, {
    target: 'es5',
    supported: allowed,
  });
  expect(lowered.code).toBe((await transform(source, { target: 'esnext' })).code);
  expect(source).not.toMatch(/\beval\b|\bfetch\b|setTimeout|new Function|for \(.* of /);
});

test.each([
  ['/', '/'],
  ['/about', '/about'],
  ['/about/', '/about/'],
  ['/a%20b.html', '/a%20b.html'],
  ['/%61bout', '/about'],
  ['//evil.example//x', '/evil.example/x'],
  ['/a+b', '/a%2Bb'],
  ['/%C3%BC', '/%C3%BC'],
  ['/.well-known/security.txt', '/.well-known/security.txt'],
  ['/100%25', '/100%25'],
])('%s becomes %s of the live release', async (uri, key) => {
  expect(await ask(uri)).toMatchObject({ uri: `/releases/${LIVE}${key}` });
});

test.each([
  '/../x',
  '/a/%2e%2e/x',
  '/a/..%2fx',
  '/%5c..%5cx',
  '/a%00b',
  '/%',
  '/%c3',
  '/a%0d%0ab',
  '/./x',
  'x',
])('%s is refused', async (uri) => {
  expect(await ask(uri)).toMatchObject({ statusCode: 400 });
});

test('an address that is too long for a key is refused', async () => {
  expect(await ask(`/${'a'.repeat(3000)}`)).toMatchObject({ statusCode: 414 });
});

test('whatever is asked for, what comes out is below one release of the site or an answer', async () => {
  const weird = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webPath(),
    fc
      .array(fc.constantFrom('..', '.', '%2e', '%2f', '/', '%5c', 'a', '%25', '//'))
      .map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(weird, async (text) => {
      const outcome = await ask(`/${text}`);
      if ('statusCode' in outcome) return [400, 414].includes(outcome.statusCode);
      const path = decodeURIComponent(outcome.uri);
      return outcome.uri.startsWith(`/releases/${LIVE}/`) && !path.split('/').includes('..');
    }),
    { numRuns: 500 },
  );
});

test('query parameters of a viewer never reach the bucket', async () => {
  const querystring = { versionId: { value: 'x' }, acl: { value: '' } };
  expect(await ask('/', { querystring })).toMatchObject({ querystring: {} });
});

test('hosts are compared without regard to case, and an unknown one has no site', async () => {
  const headers = (value: string) => ({ headers: { host: { value } } });
  expect(await ask('/', headers(HOST.toUpperCase()))).toMatchObject({ uri: `/releases/${LIVE}/` });
  expect(await ask('/', headers('nobody.example.org'))).toMatchObject({ statusCode: 404 });
  expect(await ask('/', headers('empty.example.org'))).toMatchObject({ statusCode: 404 });
});

test('large shared assets are reached below their own address', async () => {
  expect(await ask('/.slipway/assets/assets/video-BvH2kLx9.mp4')).toMatchObject({
    uri: `/assets/${siteOf(SITE)}/assets/video-BvH2kLx9.mp4`,
  });
});

test('a preview cookie shows the staged release, to its holder only', async () => {
  const cookies = { 'slipway-preview': { value: token() } };
  expect(await ask('/about', { cookies })).toMatchObject({ uri: `/releases/${STAGED}/about` });
  expect(await ask('/about')).toMatchObject({ uri: `/releases/${LIVE}/about` });
});

test.each([
  ['of another site', token(OTHER)],
  ['that has expired', token(SITE, STAGED, Date.now() - 1000)],
  ['with another release put in', token().replace(STAGED, LIVE.replace('1J', '1K'))],
  ['with a longer life put in', token().replace(/\.\d+\./, '.99999999999.')],
  ['with a wrong signature', `${token().slice(0, -1)}${token().endsWith('A') ? 'B' : 'A'}`],
  ['of another form', 'x.y'],
])('a preview cookie %s shows what is live', async (_, value) => {
  expect(await ask('/', { cookies: { 'slipway-preview': { value } } })).toMatchObject({
    uri: `/releases/${LIVE}/`,
  });
  const link = { querystring: { 'slipway-preview': { value } } };
  expect(await ask('/', link)).toMatchObject({ statusCode: 403 });
});

test('a preview link sets the cookie and goes on to the page without the token', async () => {
  const querystring = { 'slipway-preview': { value: token() }, q: { value: 'a%20b' }, flag: { value: '' } };
  const outcome = await ask('//evil.example/about', { querystring });
  expect(outcome).toMatchObject({
    statusCode: 302,
    headers: {
      location: { value: '/evil.example/about?q=a%20b&flag' },
      'cache-control': { value: 'no-store' },
    },
    cookies: { 'slipway-preview': { value: token() } },
  });
});

test('an empty preview link ends the preview', async () => {
  const outcome = await ask('/', { querystring: { 'slipway-preview': { value: '' } } });
  expect(outcome).toMatchObject({ statusCode: 302, cookies: { 'slipway-preview': { value: '' } } });
  expect(JSON.stringify(outcome)).toContain('Max-Age=0');
});

test('the answer says which release it is from, and nothing of S3', async () => {
  const headers = {
    'x-amz-meta-slipway-release': { value: LIVE },
    'x-amz-request-id': { value: 'R' },
    'content-type': { value: 'text/html' },
  };
  const request: EdgeEvent['request'] = {
    method: 'GET',
    uri: '/',
    querystring: {},
    headers: {},
    cookies: {},
  };
  const answer = await viewerResponse({
    context: { requestId: 'request-1' },
    request,
    response: { statusCode: 200, headers },
  });
  expect(answer.headers).toEqual({
    'x-slipway-release': { value: LIVE },
    'content-type': { value: 'text/html' },
    'x-content-type-options': { value: 'nosniff' },
  });
});
