import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

/** Nothing of its own on the network, and no sandbox, which containers do not allow. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page as a visitor has it, and everything that went over its network. */
export interface Visit {
  readonly page: Page;
  /** Status by address of every answer so far, in the order of the answers. */
  readonly answers: ReadonlyMap<string, number>;
  /** Errors of its console and requests that got no answer. */
  readonly complaints: readonly string[];
}

export interface TestBrowser extends AsyncDisposable {
  visit(): Promise<Visit>;
}

/** The Chromium of this machine with a profile of its own, gone at the end. */
export async function openBrowser(executablePath = '/usr/bin/chromium'): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'slipway-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: ARGS,
  });
  return {
    visit: async () => watched(await context.newPage()),
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function watched(page: Page): Visit {
  const answers = new Map<string, number>();
  const complaints: string[] = [];
  page.on('response', (response) => answers.set(response.url(), response.status()));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, answers, complaints };
}

/** Addresses of the site itself that the page names: scripts, styles, images, icons, preloads. */
export async function namedAssets(page: Page): Promise<string[]> {
  const named = await page
    .locator('script[src], link[href], img[src]')
    // Inside the browser; these elements have one of the two, as a whole address.
    .evaluateAll((elements: readonly { readonly href?: string; readonly src?: string }[]) =>
      elements.map(({ href, src }) => href ?? src ?? ''),
    );
  return named.filter((address) => address.startsWith(new URL(page.url()).origin));
}

/** Statuses of addresses as the page itself is answered now, its cache left aside. */
export function statusesFrom(page: Page, addresses: readonly string[]): Promise<number[]> {
  return page.evaluate(
    async (all) => {
      const statusOf = async (address: string) => {
        const response = await fetch(address, { cache: 'no-store' });
        // Read to its end: a body still on its way counts as a failed request once the page is left.
        await response.arrayBuffer();
        return response.status;
      };
      return await Promise.all(all.map(statusOf));
    },
    [...addresses],
  );
}
