import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handleMiss } from '../../../../functions/site-miss/handle.ts';
import type { Manifest } from '../../../../shared/targets/site/manifest.ts';
import { answerMiss, type MissStore } from '../../../../shared/targets/site/miss.ts';

const RELEASE = 'dep_01J00000000000000000000001';
const manifest: Manifest = {
  ...{ v: 1, release: RELEASE, projectId: 'prj_01J00000000000000000000001', environment: 'production' },
  ...{ fallback: '404', digest: 'a'.repeat(64), files: 2, pages: 1 },
};
const SHARED = 'assets/prj_01J00000000000000000000001/production';

const storeOf = (objects: Record<string, string>, fallback: Manifest['fallback'] = '404') => {
  const asked: string[] = [];
  const store: MissStore = {
    manifest: async (release) => (release === RELEASE ? { ...manifest, fallback } : undefined),
    object: async (key) => {
      asked.push(key);
      const text = objects[key];
      return text === undefined ? undefined : Buffer.from(text);
    },
  };
  return { store, asked };
};
const at = (path: string) => `/releases/${RELEASE}/${path}`;

test.each([
  '%2e%2e/%2e%2e/assets/prj_2/production/app-4f2a1b3c.js',
  '../app-4f2a1b3c.js',
  'a/./b-4f2a1b3c.js',
])(
  'the address %s, which leads out of the site where somebody folds it, asks the bucket for nothing',
  async (path) => {
    const { store, asked } = storeOf({});
    expect(await answerMiss(at(path), store)).toMatchObject({ status: 404 });
    expect(asked).toEqual([]);
  },
);

test('the function answers a function URL with the bytes of the page', async () => {
  const { store } = storeOf({ [`releases/${RELEASE}/404.html`]: 'nicht gefunden: ü' });
  expect(await handleMiss({ rawPath: at('missing') }, store)).toMatchObject({
    statusCode: 404,
    isBase64Encoded: true,
    body: Buffer.from('nicht gefunden: ü').toString('base64'),
    headers: { 'content-type': 'text/html; charset=utf-8', 'x-slipway-release': RELEASE },
  });
});

test.each([
  ['assets/a%20b-BvH2kLx9.js', 'assets/a b-BvH2kLx9.js'],
  ['assets/a b-BvH2kLx9.js', 'assets/a b-BvH2kLx9.js'],
  ['assets/50%-BvH2kLx9.js', 'assets/50%-BvH2kLx9.js'],
])('%s is looked for once decoded, whether or not it was already', async (asked, path) => {
  const { store } = storeOf({ [`${SHARED}/${path}`]: 'old()' });
  expect(await answerMiss(at(asked), store)).toMatchObject({ status: 200 });
});

test('an ordinary name is never answered from older releases', async () => {
  const { store, asked } = storeOf({ [`${SHARED}/prices.json`]: 'old' });
  expect((await answerMiss(at('prices.json'), store)).status).toBe(404);
  expect(asked).toEqual([`releases/${RELEASE}/404.html`]);
});

test('whatever is asked for, nothing outside of the release and its shared assets is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.webPath()),
      fc.constantFrom('spa', '404', 'none'),
      async (text, kind) => {
        const { store, asked } = storeOf({}, kind);
        const answer = await answerMiss(`/releases/${RELEASE}/${text}`, store);
        const outside = asked.filter(
          (key) => !key.startsWith(`releases/${RELEASE}/`) && !key.startsWith(`${SHARED}/`),
        );
        return answer.status === 404 && outside.length === 0;
      },
    ),
  );
});

test.each([
  '/',
  '/manifests/x',
  '/releases/dep_1/x',
  `/releases/${RELEASE.replace('1', '9')}/x`,
  at('x').slice(1),
])('%s is not an address of a release', async (uri) => {
  const { store, asked } = storeOf({});
  expect([(await answerMiss(uri, store)).status, asked]).toEqual([404, []]);
});
