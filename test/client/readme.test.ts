import { expect, test } from 'vitest';
import { NO_LINES_HASH } from '../../shared/domain/log-proof.ts';
import { chainHash, hex } from '../../shared/store/log-hash.ts';
import { openBrowser } from '../support/browser.ts';
import { browserBundle } from '../support/browser-bundle.ts';
import { type FakeSlipway, fakeSlipway, line, PROJECT, replay } from '../support/fake-slipway.ts';
import { exampleOn, examplesFor, printedInNode, saidIn } from '../support/readme-examples.ts';

const PATIENCE_MS = 120_000;

/** A service with one deployment that prints two lines, and has succeeded once somebody has heard them. */
async function service(): Promise<FakeSlipway> {
  const fake = await fakeSlipway();
  fake.append('installing', 'building');
  const at = Date.parse(line(1, '').at);
  const lines = fake.lines.map((known) => ({ ...known, at }));
  fake.onSubscribe = (socket, after) => {
    fake.status = { ...fake.status, status: 'succeeded', progress: 100, revision: 2 };
    const { id: deploymentId, status, releaseState, stage, progress, revision } = fake.status;
    socket.frame({ type: 'status', data: { deploymentId, status, releaseState, stage, progress, revision } });
    fake.end = { lines: 2, hash: hex(chainHash(NO_LINES_HASH, lines)) };
    replay(fake, socket, after);
  };
  return fake;
}

const programFor = (example: string, fake: FakeSlipway) =>
  exampleOn(example, { url: fake.url, token: 'slp_test', projectId: PROJECT });

test('the README has examples for Node and for browsers', () => {
  expect(examplesFor('node').length).toBeGreaterThan(1);
  expect(examplesFor('browser').length).toBeGreaterThan(0);
});

test.each(examplesFor('node').map((example, i) => [i + 1, example] as const))(
  'example %i of the README runs in Node to its end, and says what it says there',
  async (_, example) => {
    await using fake = await service();
    const printed = await printedInNode(programFor(example, fake));
    for (const said of saidIn(example)) expect(printed).toContain(said);
  },
  PATIENCE_MS,
);

test(
  'the examples for browsers run in Chromium',
  async () => {
    await using fake = await service();
    await using browser = await openBrowser();
    for (const example of examplesFor('browser')) {
      const { page, complaints } = await browser.visit();
      await page.goto(`${fake.url}/page`);
      await page.setContent('<ol id="log"></ol><output id="status"></output>');
      await page.addScriptTag({ type: 'module', content: await browserBundle(programFor(example, fake)) });
      await page.waitForSelector('#log li:nth-child(2)', { timeout: PATIENCE_MS });
      await page.waitForSelector('#status:text("succeeded")', { timeout: PATIENCE_MS });
      expect(await page.locator('#log li').allTextContents()).toEqual(['installing', 'building']);
      expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
    }
  },
  PATIENCE_MS,
);
