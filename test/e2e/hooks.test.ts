import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { hookBody } from '../../shared/contracts/hooks.ts';
import { verifyWebhook } from '../../shared/net/webhook-signature.ts';
import { slipway } from '../support/cli.ts';
import { listen } from '../support/http-server.ts';
import { deployed, projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

/** An address that hooks are called at: what arrived there, if it was signed as it must be. */
async function receiver() {
  const heard: string[] = [];
  let status = 200;
  const server = await listen(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    verifyWebhook(request.headers, body, [SECRET], Date.now());
    const { hook, phase, deployment } = hookBody.parse(JSON.parse(body));
    heard.push(`${phase} ${hook} ${deployment.url === undefined ? 'not live' : 'live'}`);
    response.writeHead(status).end(`heard ${hook}, not ${SECRET}`);
  });
  return Object.assign(server, {
    heard,
    answer: (next: number) => {
      status = next;
    },
  });
}

/** A file with hooks, for the command line. */
function hooksFile(hooks: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-hooks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'hooks.json');
  writeFileSync(file, JSON.stringify(hooks));
  return file;
}

it('hooks run before and after a deployment, each as a step of its own, and a failing one switches back', async () => {
  await using server = await receiver();
  const url = `http://${server.host}/hook?key=hidden`;
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>first</h1>', 'check.sh': 'grep first index.html' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'true', outputDirectory: '.' },
  });
  unwrap(
    await sdk().environments.setVariable(project.id, environment.name, 'HOOK_KEY', {
      value: SECRET,
      sensitive: true,
      use: 'runtime',
    }),
  );
  const file = hooksFile({
    pre: [
      { type: 'command', name: 'check', command: 'sh check.sh && echo "for $SLIPWAY_ENVIRONMENT"' },
      { type: 'http', name: 'announce', url, secret: 'HOOK_KEY' },
    ],
    post: [
      { type: 'http', name: 'purge', url, secret: 'HOOK_KEY' },
      { type: 'command', name: 'smoke', command: 'cat index.html; test "$SLIPWAY_HOOK_PHASE" = post' },
    ],
  });
  const changed = await slipway('envs', 'update', environment.name, '--project', project.id, '--hooks', file);
  expect(changed.code, changed.err).toBe(0);
  const shown = await slipway('envs', 'show', environment.name, '--project', project.id);
  expect(shown.out).toContain(`purge (POST to ${server.host}), smoke (command)`);
  expect(shown.out).not.toContain('hidden');

  const good = await deployed(project.id, environment.name);
  expect(good.error).toBeUndefined();
  expect(good).toMatchObject({ status: 'succeeded', releaseState: 'active' });
  expect(good.hooks?.map(({ phase, name, status }) => `${phase} ${name} ${status}`)).toEqual([
    'pre check succeeded',
    'pre announce succeeded',
    'post purge succeeded',
    'post smoke succeeded',
  ]);
  expect(server.heard).toEqual(['pre announce not live', 'post purge live']);
  const lines = await wholeLog(good.id);
  const said = (step: string) => lines.filter((line) => line.step === step).map(({ message }) => message);
  expect(said('hook:check')).toEqual(expect.arrayContaining(['<h1>first</h1>', `for ${environment.name}`]));
  expect(said('hook:purge')).toEqual([
    expect.stringMatching(/^heard purge, not (?!whsec_)/),
    `POST to ${server.host} answered 200.`,
  ]);
  expect(said('hook:smoke')).toContain('<h1>first</h1>');
  expect(JSON.stringify(lines)).not.toContain(SECRET);

  // One more hook, for this deployment alone, which fails where everything is live already.
  repository.commit({ 'index.html': '<h1>second first</h1>' });
  const more = hooksFile({ post: [{ type: 'command', name: 'fails', command: 'echo no; exit 5' }] });
  const failing = await slipway(
    'deploy',
    ...['--project', project.id, '--env', environment.name, '--hooks', more, '--wait', '--json'],
  );
  expect(failing.code, failing.err).not.toBe(0);
  expect(failing.json()).toMatchObject({
    status: 'failed',
    releaseState: 'rolled-back',
    error: { code: 'HOOK_FAILED', stage: 'activate', exitCode: 5 },
  });
  expect(await (await fetch(good.url ?? '')).text()).toContain('<h1>first</h1>');

  // What fails before anything is changed leaves everything as it was.
  server.answer(403);
  const refused = await deployed(project.id, environment.name);
  expect(refused).toMatchObject({
    status: 'failed',
    releaseState: 'none',
    error: { code: 'HOOK_FAILED', stage: 'release' },
  });
  const after = unwrap(await sdk().environments.get(project.id, environment.name));
  expect(after.active).toBe(good.id);
});
