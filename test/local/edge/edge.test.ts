import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEdge } from '../../../local/edge/edge.ts';
import { environment, goLive, type SiteWorld, siteWorld } from '../../shared/targets/site/world.ts';

const SCRIPT = 'console.log("a page of text that can be made smaller");\n'.repeat(100);
let world: SiteWorld;
let url: string;
let projectId: string;
beforeAll(async () => {
  world = await siteWorld();
  const shop = environment();
  projectId = shop.projectId;
  url = await goLive(
    world.target,
    shop.deployment({
      'index.html': '<h1>shop</h1>',
      '404.html': 'nothing here',
      'app.js': SCRIPT,
      'photo.png': Buffer.alloc(5000, 7),
      'notes & plans/50% off.txt': 'a name that needs encoding',
    }),
  );
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Sends the path as it is; `fetch` would tidy it up first, and unpack the answer. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> {
  const { promise, resolve, reject } = Promise.withResolvers<Raw>();
  const { hostname, port } = new URL(url);
  request({ hostname, port, path, headers, method }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () =>
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
    );
  })
    .on('error', reject)
    .end();
  return promise;
}

test('a foreign name that points to this machine is refused, at sites and at the admin address', async () => {
  const refused = await raw('/', { host: 'pages.example' });
  expect([refused.status, refused.body.toString()]).toEqual([
    403,
    expect.stringContaining('names of this machine'),
  ]);
  expect((await raw('/', { host: 'localhost:9000' })).status).toBe(200);
});

test('a page is revalidated: the same tag is answered with 304 and no body', async () => {
  const first = await raw('/');
  const again = await raw('/', { 'if-none-match': String(first.headers['etag']) });
  expect([first.status, again.status, again.body.length]).toEqual([200, 304, 0]);
});

test('what is compressed is the same when unpacked, and its weak tag still revalidates', async () => {
  const br = await raw('/app.js', { 'accept-encoding': 'gzip, br' });
  expect([br.headers['content-encoding'], br.headers['vary']]).toEqual(['br', 'accept-encoding']);
  expect(brotliDecompressSync(br.body).toString()).toBe(SCRIPT);
  const gzip = await raw('/app.js', { 'accept-encoding': 'gzip, br;q=0' });
  expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
  expect((await raw('/app.js', { 'if-none-match': String(br.headers['etag']) })).status).toBe(304);
});

test('pictures and small files are not compressed', async () => {
  expect((await raw('/photo.png', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
  expect((await raw('/', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
});

test('a range is answered with that part, and one beyond the end with 416', async () => {
  const part = await raw('/photo.png', { range: 'bytes=10-19' });
  expect([part.status, part.body.length, part.headers['content-range']]).toEqual([
    206,
    10,
    'bytes 10-19/5000',
  ]);
  expect((await raw('/photo.png', { range: 'bytes=9000-' })).status).toBe(416);
});

test('HEAD has the headers of GET and no body', async () => {
  const head = await raw('/photo.png', {}, 'HEAD');
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '5000', 0]);
  expect((await raw('/missing', {}, 'HEAD')).status).toBe(404);
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  expect((await raw('/', {}, method)).status).toBe(405);
});

test('names that need encoding are found', async () => {
  const found = await raw('/notes%20%26%20plans/50%25%20off.txt');
  expect([found.status, found.body.toString()]).toEqual([200, 'a name that needs encoding']);
});

test.each([
  '/../manifests/x',
  '/..%2f..%2fmanifests',
  '/%2e%2e/%2e%2e/secret',
  '/..\\x',
  '/%00',
  '/%zz',
  '/%c0%ae%c0%ae/',
])('%s leads nowhere', async (path) => {
  expect((await raw(path)).status).toBe(400);
});

test('objects of the bucket outside of releases have no address', async () => {
  const { s3, origin } = world;
  await s3.send(new PutObjectCommand({ Bucket: origin.bucket, Key: 'manifests/private', Body: 'x' }));
  for (const path of ['/manifests/private', '/.slipway/assets/../../manifests/private', '/releases/x']) {
    expect((await raw(path)).status).toBeGreaterThanOrEqual(400);
  }
});

test('an unknown address gets the page of the release for it, with status 404', async () => {
  const missing = await raw('/missing');
  expect([missing.status, missing.body.toString()]).toEqual([404, 'nothing here']);
  expect(missing.headers['x-slipway-release']).toMatch(/^dep_/);
});

test('a preview link works in a browser that keeps no Secure cookie over plain HTTP', async () => {
  const ctx = environment().deployment({ 'index.html': 'staged' });
  await world.target.prepare(ctx);
  const { stagedUrl } = await world.target.start(ctx);
  const first = await fetch(stagedUrl ?? '', { redirect: 'manual' });
  const [cookie] = first.headers.getSetCookie();
  expect(cookie).not.toContain('Secure');
  const next = new URL(first.headers.get('location') ?? '', stagedUrl);
  const page = await fetch(next, { headers: { cookie: cookie?.split(';')[0] ?? '' } });
  expect([next.search, await page.text()]).toEqual(['', 'staged']);
});

test('the admin address needs its token, and asks for ids', async () => {
  const { adminUrl } = world.edge;
  const { origin } = new URL(adminUrl);
  const statuses = [
    `${origin}/wrong/sites/${projectId}/production`,
    `${origin}/sites/${projectId}/production`,
    `${adminUrl}/sites/shop/production`,
    `${adminUrl}/sites/${projectId}/Not-Ok`,
    adminUrl,
  ].map(async (address) => (await fetch(address, { method: 'PUT' })).status);
  expect(await Promise.all(statuses)).toEqual([404, 404, 404, 404, 404]);
  expect((await fetch(`${adminUrl}/sites/${projectId}/production`, { method: 'DELETE' })).status).toBe(405);
});

test('asked twice at once for a new site, it gives one address', async () => {
  const site = `${world.edge.adminUrl}/sites/${environment().projectId}/staging`;
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => (await fetch(site, { method: 'PUT' })).text()),
  );
  expect(new Set(answers).size).toBe(1);
});

test('addresses and the admin address are the same after a restart', async () => {
  const before = { adminUrl: world.edge.adminUrl, sites: world.edge.sites() };
  expect((await stat(world.stateFile)).mode & 0o777).toBe(0o600);
  await world.edge.close();
  const again = await startEdge({ stateFile: world.stateFile });
  try {
    expect({ adminUrl: again.adminUrl, sites: again.sites() }).toEqual(before);
    expect((await fetch(url)).status).toBe(503);
    await again.connect(world.origin);
    expect(await (await fetch(url)).text()).toBe('<h1>shop</h1>');
  } finally {
    await again.close();
  }
});

test('a port that another program has taken is replaced, and the site is served there', async () => {
  const port = Number(new URL(url).port);
  const other = createServer((_incoming, outgoing) => outgoing.end('another program'));
  await once(other.listen(port, '127.0.0.1'), 'listening');
  const again = await startEdge({ stateFile: world.stateFile, origin: world.origin });
  try {
    const site = again.sites().find((one) => one.projectId === projectId);
    expect(site?.address).not.toBe(url);
    expect(await (await fetch(site?.address ?? '')).text()).toBe('<h1>shop</h1>');
  } finally {
    await again.close();
    other.close();
  }
});
