import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { slipway } from '../support/cli.ts';
import { listen } from '../support/http-server.ts';
import { projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

function folderWith(page: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-page-'));
  writeFileSync(join(folder, 'index.html'), page);
  return folder;
}

it('a bad version goes back by itself or by a person, stays away from pipelines, and gives way to a newer one', async () => {
  let health = 200;
  await using checked = await listen((_, response) => response.writeHead(health).end());
  const { project, environment } = await projectOf(siteRepository().url);
  const place = ['--project', project.name, '--env', environment.name];
  const settings = (changes: object) =>
    sdk()
      .environments.update(project.id, environment.name, { ...changes })
      .then(unwrap);
  const now = () => sdk().environments.get(project.id, environment.name).then(unwrap);
  const deploy = async (page: string, ...more: string[]) => {
    const outcome = await slipway('deploy', ...place, '--dir', folderWith(page), '--wait', '--json', ...more);
    return { ...outcome, deployment: outcome.json<DeploymentView>() };
  };
  const healthCheck = { url: `http://${checked.host}/`, attempts: 1 };
  await settings({ healthCheck, configuration: { color: 'blue' } });

  const first = await deploy('one');
  expect(first.code, first.err).toBe(0);
  const { url = '', id: good } = first.deployment;
  const served = async () => (await fetch(url)).text();
  expect(await served()).toBe('one');

  health = 500;
  const second = await deploy('two');
  expect(second.code).toBe(1);
  expect(second.deployment).toMatchObject({
    status: 'failed',
    releaseState: 'rolled-back',
    error: { code: 'LIVE_CHECK_FAILED' },
    rolledBack: { by: 'slipway' },
  });
  expect(await served()).toBe('one');
  expect((await now()).blocked).toMatchObject([{ versionNumber: 2, deploymentId: second.deployment.id }]);
  const said = (await wholeLog(second.deployment.id)).map(({ message }) => message).join('\n');
  expect(said).toContain('Version #2');
  expect(said).toContain('is blocked');

  health = 200;
  await settings({ configuration: { color: 'green' } });
  const third = await deploy('three');
  expect(third.code, third.err).toBe(0);
  expect(await served()).toBe('three');
  expect(third.deployment.configSnapshot).toEqual({ color: 'green' });

  const back = await slipway('rollback', ...place, '--reason', 'the basket is empty', '--wait', '--json');
  expect(back.code, back.err).toBe(0);
  const rollback = back.json<DeploymentView>();
  expect(rollback).toMatchObject({
    type: 'rollback',
    status: 'succeeded',
    releaseState: 'active',
    configSnapshot: { color: 'blue' },
    rollback: { ofDeploymentId: third.deployment.id, targetDeploymentId: good },
  });
  expect(rollback.cost.transitions).toBeLessThanOrEqual(7);
  // From the request to a switched and checked site.
  const { finishedAt = '' } = rollback.stages.find(({ name }) => name === 'activate') ?? {};
  expect(Date.parse(finishedAt) - Date.parse(rollback.createdAt)).toBeLessThanOrEqual(3000);
  expect(await served()).toBe('one');
  expect(await now()).toMatchObject({
    active: rollback.id,
    configuration: { color: 'blue' },
    pin: { deploymentId: rollback.id, reason: 'the basket is empty' },
  });
  expect(unwrap(await sdk().deployments.get(third.deployment.id))).toMatchObject({
    releaseState: 'rolled-back',
    rolledBack: { reason: 'the basket is empty', deploymentId: rollback.id },
  });

  const { versionId } = third.deployment;
  const again = await slipway('deploy', ...place, '--version', versionId, '--automatic');
  expect(again.code).toBe(3);
  expect(again.err).toContain('is blocked here since');
  const pushed = await sdk().deployments.start({
    projectId: project.id,
    environment: environment.name,
    versionId,
    method: 'webhook',
  });
  if (pushed.ok) throw new Error(`${pushed.value.id} was started.`);
  expect(pushed.error.problem).toMatchObject({
    status: 400,
    code: 'PREREQUISITES_NOT_MET',
    issues: [{ code: 'VERSION_BLOCKED' }],
  });
  expect(await served()).toBe('one');

  const fourth = await deploy('four', '--automatic');
  expect(fourth.code, fourth.err).toBe(0);
  expect(await served()).toBe('four');
  const { pin, blocked } = await now();
  expect([pin, blocked]).toEqual([undefined, []]);

  const reason = ['--reason', 'they want it back', '--wait', '--json'];
  const bad = await slipway('rollback', ...place, '--to', second.deployment.id, ...reason);
  expect([bad.code, await served()]).toEqual([3, 'four']);
  const chosen = await slipway('rollback', ...place, '--to', third.deployment.id, ...reason);
  expect(chosen.code, chosen.err).toBe(0);
  expect(await served()).toBe('three');
  expect(await now()).toMatchObject({
    active: chosen.json<DeploymentView>().id,
    configuration: { color: 'green' },
    pin: { reason: 'they want it back' },
  });
});
