import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { openBrowser } from '../support/browser.ts';
import { heldBuild } from '../support/held-build.ts';
import { projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const run = promisify(execFile);

async function buildThatIsHeld(wait: string) {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>waits</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: `echo before; ${wait}; echo after`, outputDirectory: 'public' },
  });
  return unwrap(await sdk().deployments.start({ projectId: project.id, environment: environment.name }));
}

/** Runs in the page: an EventSource as its author would write it, and nothing around it. */
const FOLLOW = `(address) => new Promise((resolve, reject) => {
  const heard = { lines: [], statuses: [], answers: 0, end: undefined };
  const source = new EventSource(address);
  source.onopen = () => { heard.answers += 1; };
  source.onerror = () => { if (source.readyState === 2) reject(new Error('closed: ' + JSON.stringify(heard))); };
  source.addEventListener('status', ({ data }) => heard.statuses.push(JSON.parse(data).data.status));
  source.addEventListener('log', ({ data }) => heard.lines.push(...JSON.parse(data).data.lines));
  source.addEventListener('end', ({ data }) => { source.close(); heard.end = JSON.parse(data).data; resolve(heard); });
})`;

interface Heard {
  readonly lines: readonly { readonly n: number; readonly message: string }[];
  readonly statuses: readonly string[];
  readonly answers: number;
  readonly end: { readonly lines: number; readonly status: string };
}

it('a browser follows a deployment by EventSource and one ticket, from its first line to its end', async () => {
  const { url, token } = inject('stack');
  await using build = await heldBuild();
  const { id } = await buildThatIsHeld(build.wait);
  const made = await fetch(`${url}/v1/realtime/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  // Of this answer only the ticket is read.
  const { ticket } = (await made.json()) as { ticket: string };
  await using browser = await openBrowser();
  const { page, answers, complaints } = await browser.visit();
  // A page of the API's own origin: no other may read it here (setting `allowedOrigins`).
  await page.goto(`${url}/v1/openapi.json`);
  const address = JSON.stringify(`${url}/v1/deployments/${id}/events?ticket=${ticket}`);
  // The page gives back what `FOLLOW` resolves with.
  const following = page.evaluate(`(${FOLLOW})(${address})`) as Promise<Heard>;
  const released = build.reached.then(() => build.release());
  const heard = await following.catch((error: unknown) => {
    throw new Error(JSON.stringify({ complaints, answers: [...answers] }), { cause: error });
  });
  await released;
  const lines = await wholeLog(id);
  expect(heard.lines).toEqual(lines);
  expect(heard.end).toMatchObject({ lines: lines.length, status: 'succeeded' });
  expect(heard.statuses.at(-1)).toBe('succeeded');
  expect(heard.answers).toBeGreaterThan(2);
});

it('a read that waits is sent on to where it is waited, and whoever follows redirects notices nothing', async () => {
  const { url, token } = inject('stack');
  await using build = await heldBuild();
  const { id } = await buildThatIsHeld(build.wait);
  await build.reached;
  const { revision } = unwrap(await sdk().deployments.get(id));
  const authorization = `Authorization: Bearer ${token}`;
  const target = `${url}/v1/deployments/${id}?wait=20&revision=${revision}`;
  const curl = run('curl', [
    '-sS',
    '--location',
    '-w',
    '\\n%{http_code} %{url_effective}',
    '-H',
    authorization,
    target,
  ]);
  const followed = fetch(`${url}/v1/deployments/${id}/logs?tail=1&search=no-such-text&wait=1`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await followed).toMatchObject({ status: 200, redirected: true });
  build.release();
  const [body = '', last = ''] = (await curl).stdout.split('\n');
  expect(last).toBe(`200 ${url}/v1/waiting/deployments/${id}?wait=20&revision=${revision}`);
  expect(JSON.parse(body).revision).toBeGreaterThan(revision);
  expect(unwrap(await sdk().deployments.waitFor(id)).status).toBe('succeeded');
});
