import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StageFailed } from '../../../../shared/errors/deployments.ts';
import { planRelease } from '../../../../shared/targets/site/plan.ts';

const keysOf = (paths: readonly string[]): Record<string, string> => {
  const { placements } = planRelease(paths, undefined);
  return Object.fromEntries(placements.flatMap(({ path, keys }) => keys.map((key) => [key, path])));
};

test('a page answers at each of its clean addresses', () => {
  expect(keysOf(['index.html', 'about.html', 'blog/index.html', 'app.js'])).toEqual({
    'index.html': 'index.html',
    '': 'index.html',
    'about.html': 'about.html',
    about: 'about.html',
    'about/': 'about.html',
    'blog/index.html': 'blog/index.html',
    blog: 'blog/index.html',
    'blog/': 'blog/index.html',
    'app.js': 'app.js',
  });
});

test('where two pages want one address, the file goes first and the folder keeps its slash', () => {
  expect(keysOf(['docs.html', 'docs/index.html'])).toMatchObject({
    docs: 'docs.html',
    'docs/': 'docs/index.html',
  });
});

test('a file of exactly that name goes before every page', () => {
  expect(keysOf(['feed', 'feed.html', 'feed/index.html'])).toMatchObject({
    feed: 'feed',
    'feed/': 'feed/index.html',
  });
});

const names = fc.constantFrom(
  'a',
  'a.html',
  'a/index.html',
  'a/b.html',
  'a/b/index.html',
  'index.html',
  'b',
  'b/a.js',
);
const artifacts = fc.uniqueArray(names, { minLength: 1, maxLength: 8 });

test('no two files take one key, and every file keeps its own path', () => {
  fc.assert(
    fc.property(artifacts, (paths) => {
      const keys = planRelease(paths, undefined).placements.flatMap((placement) => placement.keys);
      expect(new Set(keys).size).toBe(keys.length);
      for (const path of paths) expect(keys).toContain(path);
    }),
  );
});

test('the order of the archive makes no difference', () => {
  fc.assert(
    fc.property(artifacts, (paths) => {
      expect(keysOf([...paths].reverse())).toEqual(keysOf(paths));
    }),
  );
});

test.each([
  ['spa', ['index.html'], 'spa'],
  ['spa', ['main.html'], 'none'],
  ['404', ['index.html', '404.html'], '404'],
  ['404', ['index.html'], 'none'],
  [undefined, ['index.html', '404.html'], '404'],
  [undefined, ['index.html'], 'none'],
] as const)('asked for %s with %j, unknown addresses get: %s', (wanted, paths, expected) => {
  expect(planRelease(paths, wanted).fallback).toBe(expected);
});

test('hidden files stay out, .well-known does not', () => {
  const plan = planRelease(
    ['.env', '.git/config', 'a/.DS_Store', '.well-known/security.txt', 'a.js'],
    undefined,
  );
  expect(plan.hidden).toEqual(['.env', '.git/config', 'a/.DS_Store']);
  expect(plan.placements.map((placement) => placement.path)).toEqual(['.well-known/security.txt', 'a.js']);
});

test.each(['a//b.js', '/a.js', 'a\\b.js', 'a\nb.js', `${'x'.repeat(901)}.js`])(
  '%j has no address',
  (path) => {
    expect(() => planRelease([path], undefined)).toThrow(StageFailed);
  },
);

test.each([
  ['index.html', 'text/html; charset=utf-8', 'no-cache'],
  ['app.js', 'text/javascript; charset=utf-8', 'public, max-age=60'],
  ['assets/app-BvH2kLx9.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['data.json', 'application/json; charset=utf-8', 'public, max-age=60'],
  ['site.webmanifest', 'application/manifest+json; charset=utf-8', 'public, max-age=60'],
  ['logo.svg', 'image/svg+xml', 'public, max-age=60'],
  ['app.wasm', 'application/wasm', 'public, max-age=60'],
  ['font.woff2', 'font/woff2', 'public, max-age=60'],
  ['.well-known/apple-app-site-association', 'application/json; charset=utf-8', 'public, max-age=60'],
  ['CNAME', 'application/octet-stream', 'public, max-age=60'],
])('%s is %s, cached: %s', (path, contentType, cacheControl) => {
  expect(planRelease([path], undefined).placements[0]).toMatchObject({ contentType, cacheControl });
});
