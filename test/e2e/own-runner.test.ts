import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { ROOT } from '../../local/paths.ts';
import { slipway } from '../support/cli.ts';
import { deployed, projectOf, sdk, uniqueName } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** `slipway runner start` with nothing but the address of the API and the runner's token: what a machine of a team gets. */
function startRunner(token: string) {
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-cellar-'));
  // It never looks by itself: what it does, it was told by its socket.
  const options = ['--look-every', '3600', '--allow-schemes', 'file', '--work-dir', workDir];
  const bin = join(ROOT, 'client', 'bin', 'slipway.js');
  const child = spawn(process.execPath, [bin, 'runner', 'start', '--', ...options], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      SLIPWAY_URL: inject('stack').url,
      SLIPWAY_RUNNER_TOKEN: token,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  onTestFinished(async () => {
    child.kill('SIGINT');
    await ended;
    rmSync(workDir, { recursive: true, force: true });
  });
  return { said: () => said, ended };
}

it('slipway runner start hears of jobs as they come, and ends with 3 once its runner is deleted', async () => {
  const label = uniqueName('label');
  const made = await slipway('runner', 'create', uniqueName('cellar'), '--label', label, '--json');
  expect(made.code, made.err).toBe(0);
  const { id, token } = made.json<{ id: string; token: string }>();
  const runner = startRunner(token);
  await expect.poll(runner.said, { timeout: 60_000 }).toContain('socket subscribed');

  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>from the cellar</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    settings: { runner: { kind: 'agent', label } },
  });
  const deployment = await deployed(project.id, environment.name);
  expect(deployment.error).toBeUndefined();
  expect(await (await fetch(deployment.url ?? '')).text()).toContain('from the cellar');

  unwrap(await sdk().runners.delete(id));
  const late = startRunner(token);
  expect(await late.ended, late.said()).toBe(3);
  expect(late.said()).toContain('does not know this runner’s token');
});
