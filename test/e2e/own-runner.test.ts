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

it('slipway runner start hears of jobs at once, and ends with 3 when its runner is deleted', async () => {
  const label = uniqueName('label');
  const made = await slipway('runner', 'create', uniqueName('cellar'), '--label', label, '--json');
  const { id, token } = made.json<{ id: string; token: string }>();
  // Nothing but the address of the API and the runner's token: what a machine of a team gets.
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-cellar-'));
  onTestFinished(() => rmSync(workDir, { recursive: true, force: true }));
  const options = ['--look-every', '20', '--allow-schemes', 'file', '--work-dir', workDir];
  const args = ['runner', 'start', '--', ...options];
  const child = spawn(process.execPath, [join(ROOT, 'client', 'bin', 'slipway.js'), ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      SLIPWAY_URL: inject('stack').url,
      SLIPWAY_RUNNER_TOKEN: token,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part));
  const ended = once(child, 'close');
  await expect.poll(() => said, { timeout: 30_000 }).toContain('socket subscribed');

  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>from the cellar</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    settings: { runner: { kind: 'agent', label } },
  });
  const startedAt = Date.now();
  const deployment = await deployed(project.id, environment.name);
  expect(deployment.error).toBeUndefined();
  // Two jobs, each found by its frame: a look by itself would have come after 20 s.
  expect(Date.now() - startedAt).toBeLessThan(20_000);
  expect(said).toContain('job ended');

  unwrap(await sdk().runners.delete(id));
  const [code] = await ended;
  expect(code, said).toBe(3);
  expect(said).toContain('does not know this runner’s token');
});
