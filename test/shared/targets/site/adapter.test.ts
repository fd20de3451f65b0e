import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FenceLost } from '../../../../shared/errors/deployments.ts';
import { PlatformUnavailable } from '../../../../shared/errors/requests.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { edgeStoreClient } from '../../../../shared/platform/edge-store.ts';
import { systemRandom } from '../../../../shared/platform/random.ts';
import { siteTarget } from '../../../../shared/targets/site/adapter.ts';
import type { SiteHosting } from '../../../../shared/targets/site/hosting.ts';
import { domainHosting } from '../../../../shared/targets/site/hosting-domain.ts';
import { KeyValues } from '../../../../shared/targets/site/key-values.ts';
import { untilServed } from '../../../../shared/targets/site/probe.ts';
import { emulatorClient } from '../../../support/aws.ts';
import { artifactOf, environment, goLive, type SiteWorld, siteWorld } from './world.ts';

let world: SiteWorld;
beforeAll(async () => {
  world = await siteWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers, redirect: 'manual' });

test('a release is served only once it is activated, and the target says so', async () => {
  const { target } = world;
  const ctx = environment().deployment({ 'index.html': '<h1>first</h1>', 'about.html': 'about us' });
  await target.prepare(ctx);
  const started = await target.start(ctx);
  expect(started).toMatchObject({ releaseId: ctx.deploymentId, state: 'done' });
  const address = await target.liveAddress(ctx);
  const url = address?.url ?? '';
  expect((await get(url)).status).toBe(404);
  expect(await target.serving(ctx)).toEqual({});

  await target.activate(ctx);

  const page = await get(`${url}/about`);
  expect([page.status, await page.text(), page.headers.get('x-slipway-release')]).toEqual([
    200,
    'about us',
    ctx.deploymentId,
  ]);
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(await target.serving(ctx)).toEqual({
    deploymentId: ctx.deploymentId,
    releaseId: ctx.deploymentId,
    url,
  });
});

test('a release that is brought back goes live again as it is, for the deployment that brought it back', async () => {
  const { target } = world;
  const shop = environment();
  const first = shop.deployment({ 'index.html': 'one' });
  const url = await goLive(target, first);
  const second = shop.deployment({ 'index.html': 'two' });
  await goLive(target, second);
  const again = { deploymentId: first.deploymentId, releaseId: first.deploymentId };
  const { artifact: _none, ...bytesGone } = shop.deployment({});
  const rollback = { ...bytesGone, again };

  const { releaseId } = await target.start(rollback);
  await target.activate({ ...rollback, releaseId });

  expect(releaseId).toBe(first.deploymentId);
  expect(await (await get(`${url}/`)).text()).toBe('one');
  expect(await target.serving(rollback)).toEqual({ deploymentId: rollback.deploymentId, releaseId, url });

  const previous = { deploymentId: rollback.deploymentId, releaseId };
  const third = { ...shop.deployment({ 'index.html': 'three' }), previous };
  await goLive(target, third);
  await target.restore(third);
  expect((await target.serving(third)).deploymentId).toBe(rollback.deploymentId);
});

test('a release that was removed is placed anew from the artifact', async () => {
  const { target } = world;
  const shop = environment();
  const first = shop.deployment({ 'index.html': 'one' });
  await goLive(target, first);
  await goLive(target, shop.deployment({ 'index.html': 'two' }));
  await target.cleanup(first, first.deploymentId);
  const again = { deploymentId: first.deploymentId, releaseId: first.deploymentId };
  const rollback = { ...shop.deployment({ 'index.html': 'one' }), again };
  expect((await target.start(rollback)).releaseId).toBe(rollback.deploymentId);
});

test('a page loaded before the switch still gets its own hashed assets', async () => {
  const { target } = world;
  const shop = environment();
  const url = await goLive(
    target,
    shop.deployment({ 'index.html': 'one', 'assets/index-BvH2kLx9.js': 'first()' }),
  );
  await goLive(target, shop.deployment({ 'index.html': 'two', 'assets/index-C9kQ2mZp.js': 'second()' }));

  const old = await get(`${url}/assets/index-BvH2kLx9.js`);
  expect([old.status, await old.text()]).toEqual([200, 'first()']);
  expect(old.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(await (await get(`${url}/`)).text()).toBe('two');
});

const asset = (hash: string) => `assets/index-${hash}.js`;

test('an unknown address of a single-page app gets its start page, but a missing script does not', async () => {
  const ctx = environment().deployment(
    { 'index.html': 'the app' },
    { settings: { kind: 'site', fallback: 'spa' } },
  );
  const url = await goLive(world.target, ctx);
  const page = await get(`${url}/users/42`);
  expect([page.status, await page.text(), page.headers.get('x-slipway-release')]).toEqual([
    200,
    'the app',
    ctx.deploymentId,
  ]);
  expect((await get(`${url}/users/john.doe`)).status).toBe(200);
  for (const path of ['missing.js', asset('BvH2kLx9'), 'style.css', 'logo.png']) {
    expect([path, (await get(`${url}/${path}`)).status]).toEqual([path, 404]);
  }
});

test('without a page for it, an unknown address gets a plain 404 that names the release', async () => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  const url = await goLive(world.target, ctx);
  const answer = await get(`${url}/missing`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
  expect(answer.headers.get('x-slipway-release')).toBe(ctx.deploymentId);
});

test('an older hashed asset too large for the miss function is reached by a redirect', async () => {
  const shop = environment();
  const large = Buffer.alloc(4 * 1024 * 1024 + 1, 1);
  const path = 'assets/video-BvH2kLx9.mp4';
  await goLive(world.target, shop.deployment({ 'index.html': 'one', [path]: large }));
  const url = await goLive(world.target, shop.deployment({ 'index.html': 'two' }));
  const redirect = await get(`${url}/${path}`);
  expect([redirect.status, redirect.headers.get('location')]).toEqual([307, `/.slipway/assets/${path}`]);
  const followed = await fetch(`${url}/${path}`);
  expect(Buffer.from(await followed.arrayBuffer()).equals(large)).toBe(true);
});

test('an asset of one environment is not served by another', async () => {
  const shop = environment();
  await goLive(world.target, shop.deployment({ 'index.html': 'x', [asset('BvH2kLx9')]: 'secret()' }));
  const staging = shop.deployment({ 'index.html': 'y' }, { environment: 'staging' });
  const url = await goLive(world.target, staging);
  expect((await get(`${url}/${asset('BvH2kLx9')}`)).status).toBe(404);
});

test('a start that is repeated sends only what is not there yet', async () => {
  const files = { 'index.html': 'x', 'about.html': 'y', 'app.js': 'z' };
  const ctx = environment().deployment(files);
  await world.target.prepare(ctx);
  const sent: string[] = [];
  const { s3 } = world;
  s3.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] === 'PutObjectCommand') sent.push(String(Object(args.input).Key));
      return next(args);
    },
    { step: 'initialize', name: 'countPuts' },
  );
  try {
    await world.target.start(ctx);
    const first = sent.splice(0).filter((key) => key.startsWith('releases/'));
    expect(first.map((key) => key.slice(`releases/${ctx.deploymentId}/`.length)).sort()).toEqual(
      ['', 'about', 'about.html', 'about/', 'app.js', 'index.html'].sort(),
    );
    await world.target.start({ ...ctx, artifact: artifactOf({ ...files, 'app.js': 'changed' }) });
    expect(sent.filter((key) => key.startsWith('releases/'))).toEqual([
      `releases/${ctx.deploymentId}/app.js`,
    ]);
  } finally {
    s3.middlewareStack.remove('countPuts');
  }
});

test('a staged release is probed with a cookie, and proves itself by the header', async () => {
  const shop = environment();
  const url = await goLive(world.target, shop.deployment({ 'index.html': 'live' }));
  const ctx = shop.deployment({ 'index.html': 'staged' });
  await world.target.start(ctx);
  const staged = await world.target.stagedAddress(ctx);
  expect(staged).toMatchObject({ url, expectHeader: { name: 'x-slipway-release', value: ctx.deploymentId } });
  const answer = await get(url, { ...staged?.headers });
  expect([await answer.text(), answer.headers.get('x-slipway-release')]).toEqual([
    'staged',
    ctx.deploymentId,
  ]);
  expect(await (await get(url)).text()).toBe('live');
});

test('a first deployment that is undone leaves nothing live', async () => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  const url = await goLive(world.target, ctx);
  await world.target.restore(ctx);
  expect((await get(url)).status).toBe(404);
  expect(await world.target.serving(ctx)).toEqual({});
});

test('what another kind of target had live is not put back here', async () => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  const url = await goLive(world.target, ctx);
  const previous = { deploymentId: ctx.deploymentId, releaseId: '../manifests' };
  await expect(world.target.restore({ ...ctx, previous })).rejects.toMatchObject({ code: 'RELEASE_FAILED' });
  expect((await get(url)).status).toBe(200);
});

test('the live release is not removed; another one is, but not its shared assets', async () => {
  const { target, s3, origin } = world;
  const shop = environment();
  const old = shop.deployment({ 'index.html': 'one', [asset('BvH2kLx9')]: 'first()' });
  await goLive(target, old);
  await expect(target.cleanup(old, old.deploymentId)).rejects.toMatchObject({ code: 'INVALID_STATE' });
  const url = await goLive(target, shop.deployment({ 'index.html': 'two' }));
  await target.cleanup(old, old.deploymentId);
  const left = await s3.send(
    new ListObjectsV2Command({ Bucket: origin.bucket, Prefix: `releases/${old.deploymentId}/` }),
  );
  expect(left.KeyCount).toBe(0);
  expect(await (await get(`${url}/${asset('BvH2kLx9')}`)).text()).toBe('first()');
});

test.each(['', '../x', 'dep_1/..', 'releases/'])('%j is no release to remove', async (releaseId) => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  await expect(world.target.cleanup(ctx, releaseId)).rejects.toMatchObject({ code: 'INVALID_STATE' });
});

test('an artifact without a file to publish fails the release, and hidden files are spoken of', async () => {
  const empty = environment().deployment({ '.env': 'SECRET=1' });
  await world.target.prepare(empty);
  await expect(world.target.start(empty)).rejects.toMatchObject({ code: 'RELEASE_FAILED' });
  const ctx = environment().deployment({ '.env': 'SECRET=1', 'main.html': 'x' });
  await goLive(world.target, ctx);
  expect(ctx.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'info: Left out 1 hidden files, such as .env.',
    'warn: There is no index.html, so the site has no start page.',
    `info: Stored 1 file (1 page) as release ${ctx.deploymentId}.`,
  ]);
});

test('a site that goes on answering with another release than its key names is said to be unavailable', async () => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  await goLive(world.target, ctx);
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const stale: typeof fetch = async () => new Response('', { headers: { 'x-slipway-release': 'dep_other' } });
  const entry = async () => ({ release: ctx.deploymentId, fence: 1 });
  await expect(
    untilServed({ fetch: stale, clock }, 'https://x.example', entry, ctx.signal),
  ).rejects.toBeInstanceOf(PlatformUnavailable);
  expect(now).toBeGreaterThan(40_000);
});

/** The same bucket and keys behind addresses that are names, as with a domain on AWS. */
function named(hosting: SiteHosting, over: { storeArn?: string } = {}) {
  const { endpoint, ...rest } = emulatorClient();
  const { kvsArn, bucket } = world.origin;
  const keys = new KeyValues({
    client: edgeStoreClient(rest, endpoint),
    storeArn: over.storeArn ?? kvsArn,
    clock: systemClock,
    random: systemRandom,
  });
  return siteTarget({ s3: world.s3, bucket, keys, hosting, fetch, clock: systemClock, random: systemRandom });
}

test('an address that another site had changes hands when a release goes live, not when it is prepared', async () => {
  const target = named(domainHosting({ siteDomain: 'sites.example' }));
  const name = `shop-${Date.now()}`;
  const [former, next] = [environment(name), environment(name)];
  const siteAt = () => world.keys.get(`host:production--${name}.sites.example`, AbortSignal.timeout(5000));
  const old = former.deployment({ 'index.html': 'old' });
  await target.prepare(old);
  expect((await target.start(old)).stagedUrl).toContain(`production--${name}.sites.example`);
  await target.activate(old);
  expect(await siteAt()).toBe(`${former.projectId}/production`);

  const ctx = next.deployment({ 'index.html': 'new' });
  await target.prepare(ctx);
  const { stagedUrl } = await target.start(ctx);
  expect(stagedUrl).toBeUndefined();
  expect(await target.stagedAddress(ctx)).toBeUndefined();
  expect(ctx.lines.map(({ message }) => message).join()).toContain('belongs to another site');
  expect(await siteAt()).toBe(`${former.projectId}/production`);

  const refused = { ...ctx, assertMayChange: () => Promise.reject(new FenceLost('no intent')) };
  await expect(target.activate(refused)).rejects.toBeInstanceOf(FenceLost);
  expect(await siteAt()).toBe(`${former.projectId}/production`);

  await target.activate(ctx);
  expect(await siteAt()).toBe(`${next.projectId}/production`);
});

test('a live site whose address is not found is unknown, not empty', async () => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  await goLive(world.target, ctx);
  const gone: SiteHosting = {
    ensure: () => Promise.reject(new Error('not asked')),
    find: async () => undefined,
  };
  await expect(named(gone).serving(ctx)).rejects.toBeInstanceOf(PlatformUnavailable);
  const silent: SiteHosting = {
    ...gone,
    find: () => Promise.reject(new PlatformUnavailable('CloudFront does not answer.')),
  };
  await expect(named(silent).serving(ctx)).rejects.toBeInstanceOf(PlatformUnavailable);
});

test('a key-value store that is not there is unknown as well, also for a site that never had a release', async () => {
  const ctx = environment().deployment({ 'index.html': 'x' });
  const target = named(domainHosting({ siteDomain: 'sites.example' }), {
    storeArn: `${world.origin.kvsArn.slice(0, -4)}0000`,
  });
  await expect(target.serving(ctx)).rejects.toThrow();
  expect(await world.target.serving(ctx)).toEqual({});
});
