import { afterAll, beforeAll, expect, test } from 'vitest';
import { environment, goLive, type SiteWorld, siteWorld } from './world.ts';

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
