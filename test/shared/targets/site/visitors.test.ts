import { afterAll, beforeAll, expect, test } from 'vitest';
import { environment, goLive, type SiteWorld, siteWorld } from './world.ts';

let world: SiteWorld;
beforeAll(async () => {
  world = await siteWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

interface Visit {
  readonly release: string | null;
  readonly cookie: string | undefined;
}

async function visit(url: string, cookie?: string): Promise<Visit> {
  const answer = await fetch(url, cookie === undefined ? {} : { headers: { cookie } });
  await answer.text();
  return {
    release: answer.headers.get('x-slipway-release'),
    cookie: answer.headers.get('set-cookie')?.split(';')[0],
  };
}

test('at a real edge about as many distinct visitors as were meant get the new release, and each keeps theirs', async () => {
  const { deployment } = environment();
  const first = deployment({ 'index.html': 'one' });
  const url = await goLive(world.target, first);
  const second = deployment({ 'index.html': 'two' });
  await world.target.prepare(second);
  const { releaseId } = await world.target.start(second);
  for (const percent of [10, 50]) {
    await world.target.shift?.({ ...second, releaseId }, percent);
    const visits: Visit[] = [];
    for (let batch = 0; batch < 25; batch += 1)
      visits.push(...(await Promise.all(Array.from({ length: 20 }, () => visit(url)))));
    // Of 500; test/infra/edge/visitors.test.ts counts more of them more closely.
    const share = visits.filter(({ release }) => release === second.deploymentId).length / 5;
    expect(Math.abs(share - percent)).toBeLessThanOrEqual(8);
    for (const { release, cookie } of visits.slice(0, 20))
      expect(await visit(url, cookie)).toEqual({ release, cookie: undefined });
  }
}, 60_000);

test('what was live before blue-green stays addressable by a link', async () => {
  const { deployment } = environment();
  const blue = deployment({ 'index.html': 'blue' });
  await goLive(world.target, blue);
  const green = deployment({ 'index.html': 'green' });
  const url = await goLive(world.target, green);
  const link = (await world.target.previewLink?.(green, blue.deploymentId)) ?? '';
  const redirect = await fetch(link, { redirect: 'manual' });
  const cookie = redirect.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await visit(url, cookie)).release).toBe(blue.deploymentId);
  expect((await visit(url)).release).toBe(green.deploymentId);
});
