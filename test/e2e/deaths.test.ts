import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { ROOT } from '../../local/paths.ts';
import { deployed, projectOf, sdk, uniqueName } from '../support/scenario.ts';
import { silentServer } from '../support/silent-server.ts';
import { siteRepository } from '../support/site-repository.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function startAgent(token: string, workDir: string): ChildProcess {
  const { url, websocketUrl } = inject('stack');
  const args = [
    'agent',
    '--url',
    url,
    '--websocket',
    websocketUrl,
    '--work-dir',
    workDir,
    '--allow-schemes',
    'file,http',
    '--look-every',
    '5',
  ];
  const child = spawn(process.execPath, [join(ROOT, 'runner', 'main.ts'), ...args], {
    env: { PATH: process.env['PATH'], SLIPWAY_RUNNER_TOKEN: token },
    stdio: 'ignore',
  });
  started.push(child);
  return child;
}

/** Waits until a line of the log says so: the build really runs. */
async function untilLine(deploymentId: string, text: string): Promise<void> {
  for await (const line of sdk().deployments.logs(deploymentId)) if (line.message === text) return;
  throw new Error(`The log ended without "${text}".`);
}

it('a runner killed in the middle of a build ends the deployment as lost, frees the slot, and a restarted one takes the next job', async () => {
  const label = uniqueName('victim');
  const { token } = unwrap(await sdk().runners.create({ name: label, label }));
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-victim-'));
  const victim = startAgent(token ?? '', workDir);

  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>kept</h1>', 'build.sh': 'echo building; sleep 300' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'sh build.sh', outputDirectory: '.' },
    settings: { runner: { kind: 'agent', label } },
  });
  unwrap(
    await sdk().environments.update(project.id, environment.name, { timeouts: { heartbeatSeconds: 10 } }),
  );
  const deployment = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  await untilLine(deployment.id, 'building');
  victim.kill('SIGKILL');
  const killedAt = Date.now();

  const ended = unwrap(await sdk().deployments.waitFor(deployment.id));
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'RUNNER_LOST', stage: 'build' } });
  expect(ended.error?.message).toMatch(/heartbeat/);
  expect(Date.now() - killedAt).toBeLessThan((10 + 120) * 1000);
  expect(unwrap(await sdk().environments.get(project.id, environment.name)).slot.owner).toBeUndefined();

  startAgent(token ?? '', workDir);
  repository.commit({ 'build.sh': 'echo quick' });
  expect((await deployed(project.id, environment.name)).status).toBe('succeeded');
});

it('a runner killed while it looks up a ref ends the deployment as lost, frees the slot, and a restarted one takes the next job', async () => {
  const label = uniqueName('victim');
  const { token } = unwrap(await sdk().runners.create({ name: label, label }));
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-victim-'));
  const victim = startAgent(token ?? '', workDir);
  await using silent = await silentServer();
  const { project, environment } = await projectOf(`http://${silent.host}/app.git`, {
    build: { outputDirectory: '.' },
    settings: { runner: { kind: 'agent', label } },
  });
  unwrap(
    await sdk().environments.update(project.id, environment.name, { timeouts: { heartbeatSeconds: 10 } }),
  );
  const { id } = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  await silent.reached;
  victim.kill('SIGKILL');

  const ended = unwrap(await sdk().deployments.waitFor(id));
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'RUNNER_LOST', stage: 'gate' } });
  expect(unwrap(await sdk().environments.get(project.id, environment.name)).slot.owner).toBeUndefined();

  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>found</h1>' });
  unwrap(await sdk().projects.update(project.id, { repository: { url: repository.url } }));
  startAgent(token ?? '', workDir);
  expect((await deployed(project.id, environment.name)).status).toBe('succeeded');
});
