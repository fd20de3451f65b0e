import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { EXAMPLE } from '../../local/example/project.ts';
import { ROOT } from '../../local/paths.ts';
import { namedAssets, openBrowser, statusesFrom, type TestBrowser } from '../support/browser.ts';
import { deployed, projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const VITE_SITE = join(ROOT, 'test', 'fixtures', 'vite-site');

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** A site whose page loads a further chunk when its button is clicked; every name holds a hash of the content. */
const lazySite = (release: string) => ({
  'vite.config.js': 'export default { build: { assetsInlineLimit: 0 } };',
  'mark.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="9" /></svg>',
  'index.html': `<!doctype html><html lang="en">
    <head><title>${release}</title><link rel="icon" href="./mark.svg" /></head>
    <body><img src="./mark.svg" alt="" /><button>more</button><output></output>
    <script type="module" src="./main.js"></script></body></html>`,
  'style.css': `button { color: ${release === 'one' ? 'red' : 'green'}; }`,
  'main.js': `import './style.css';
    document.body.dataset.release = '${release}';
    document.querySelector('button').onclick = async () => {
      document.querySelector('output').textContent = (await import('./lazy.js')).text;
    };`,
  'lazy.js': `export const text = 'more of ${release}';`,
});

/** Where `npm start` says that its example is live. */
async function addressOfExample(): Promise<string> {
  const example = async () => unwrap(await sdk().projects.named(EXAMPLE.name));
  await expect.poll(example, { timeout: 120_000, interval: 500 }).toMatchObject({ online: true });
  const { id = '' } = (await example()) ?? {};
  const { active = '' } = unwrap(await sdk().environments.get(id, EXAMPLE.environment));
  return unwrap(await sdk().deployments.get(active)).url ?? '';
}

it('a page that stays open over a switch still gets every asset it names, and a reload shows the new release', async () => {
  const repository = siteRepository(VITE_SITE);
  repository.commit(lazySite('one'));
  const { project, environment } = await projectOf(repository.url);
  const { url = '' } = await deployed(project.id, environment.name);
  const { page, answers, complaints } = await browser.visit();

  await page.goto(url);
  await page.waitForSelector('body[data-release=one]');
  const assets = await namedAssets(page);
  expect(assets.filter((address) => /\.(js|css|svg)$/.test(address)).length).toBeGreaterThanOrEqual(4);
  for (const address of assets) expect(answers.get(address), address).toBe(200);

  repository.commit(lazySite('two'));
  expect((await deployed(project.id, environment.name)).status).toBe('succeeded');

  await page.click('button');
  await page.waitForSelector('output:text("more of one")');
  const chunk = [...answers.keys()].find((address) => /\/lazy-[^/]+\.js$/.test(address)) ?? '';
  expect(answers.get(chunk)).toBe(200);
  const all = [...assets, chunk];
  expect(await statusesFrom(page, all)).toEqual(all.map(() => 200));

  await page.reload();
  await page.waitForSelector('body[data-release=two]');
  const fresh = await namedAssets(page);
  expect(fresh).not.toEqual(assets);
  for (const address of fresh) expect(answers.get(address), address).toBe(200);
  await page.click('button');
  await page.waitForSelector('output:text("more of two")');
  const chunks = [...answers.keys()].filter((address) => /\/lazy-[^/]+\.js$/.test(address));
  expect(new Set(chunks).size).toBe(2);
  expect(complaints).toEqual([]);
});

it('pages of the example answer at their clean addresses, and what is not there with its own page and 404', async () => {
  const address = await addressOfExample();
  const { page, answers, complaints } = await browser.visit();

  expect((await page.goto(address))?.status()).toBe(200);
  await page.waitForSelector('#arrivals tr:nth-child(3)');
  await page.click('text=Tides');
  await page.waitForSelector('#tides li:nth-child(24)');
  expect(new URL(page.url()).pathname).toBe('/tides');
  for (const named of await namedAssets(page)) expect(answers.get(named), named).toBe(200);
  expect(complaints).toEqual([]);

  const missing = await page.goto(new URL('/ships/nobody', address).href);
  expect(missing?.status()).toBe(404);
  expect(await page.textContent('main')).toContain('No ship by that name');
  // Its assets are named from the root, so the page looks the same at any depth.
  const named = await namedAssets(page);
  expect(named.length).toBeGreaterThan(0);
  for (const asset of named) expect(answers.get(asset), asset).toBe(200);
});

it('a single-page app answers unknown addresses itself, and a script that is not there is no page', async () => {
  const repository = siteRepository();
  repository.commit({
    'index.html': '<!doctype html><title>app</title><main></main><script src="/app.js"></script>',
    'app.js': "document.querySelector('main').textContent = 'at ' + location.pathname;",
  });
  const { project, environment } = await projectOf(repository.url, {
    target: { kind: 'site', fallback: 'spa' },
  });
  const { url = '' } = await deployed(project.id, environment.name);
  const { page, answers } = await browser.visit();

  const deep = new URL('/users/42', url).href;
  expect((await page.goto(deep))?.status()).toBe(200);
  await page.waitForSelector('main:text("at /users/42")');
  expect((await page.reload())?.status()).toBe(200);
  await page.waitForSelector('main:text("at /users/42")');
  expect(answers.get(new URL('/app.js', url).href)).toBe(200);
  expect(await statusesFrom(page, ['/gone.js'])).toEqual([404]);
});
