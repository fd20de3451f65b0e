import { beforeAll, expect, inject, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { browserBundle } from '../support/browser-bundle.ts';
import { exampleOn, examplesFor, printedInNode, saidIn } from '../support/readme-examples.ts';
import { projectOf } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** The first example deploys it; those after it read what that left. */
let projectId = '';
beforeAll(async () => {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>examples</h1>' });
  const build = { buildCommand: 'echo building', outputDirectory: 'public' };
  const { project } = await projectOf(repository.url, { build });
  projectId = project.id;
});

const onStack = (example: string) => {
  const { url, token } = inject('stack');
  return exampleOn(example, { url, token, projectId });
};

it.each(examplesFor('node').map((example, i) => [i + 1, example] as const))(
  'example %i of the README runs in Node against a whole Slipway, and says what it says there',
  async (_, example) => {
    const printed = await printedInNode(onStack(example));
    for (const said of saidIn(example)) expect(printed).toContain(said);
  },
);

it('the examples for browsers run in Chromium against a whole Slipway', async () => {
  await using browser = await openBrowser();
  for (const example of examplesFor('browser')) {
    const { page } = await browser.visit();
    // A page of the API's own origin: no other may read it here (setting `allowedOrigins`). Sockets are for the origins
    // of that setting alone, so this page is refused one, and hears in the ways that are left.
    await page.goto(`${inject('stack').url}/v1/openapi.json`);
    await page.setContent('<ol id="log"></ol><output id="status"></output>');
    await page.addScriptTag({ type: 'module', content: await browserBundle(onStack(example)) });
    await page.waitForSelector('#log li:text("building")', { timeout: 120_000 });
    await page.waitForSelector('#status:text("succeeded")', { timeout: 120_000 });
  }
});
