import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { slipway, slipwayAs } from '../support/cli.ts';
import { projectOf, sdk, uniqueName, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** The command line of somebody who may approve in a project. */
async function person(name: string, project: string) {
  const subject = uniqueName(name);
  const grant = ['--role', 'approver', '--project', project];
  const made = await slipway('tokens', 'create', subject, ...grant, '--subject', subject, '--json');
  expect(made.code, made.err).toBe(0);
  const { token } = made.json<{ token: string }>();
  return { subject, run: (...args: string[]) => slipwayAs(token, ...args) };
}

/** Waits until people are asked, and so many have answered. */
async function asked(id: string, votes: number): Promise<NonNullable<DeploymentView['approval']>> {
  const look = async () => unwrap(await sdk().deployments.get(id));
  await expect
    .poll(async () => [(await look()).status, (await look()).approval?.given.length], { timeout: 60_000 })
    .toEqual(['awaiting-approval', votes]);
  const { approval } = await look();
  if (approval === undefined) throw new Error(`${id} asks nobody.`);
  return approval;
}

it('two people agree to exactly what is deployed, neither of them who started it, and each once', async () => {
  const { project, environment } = await projectOf(siteRepository().url);
  const place = ['--project', project.name, '--env', environment.name];
  const rule = await slipway(
    'envs',
    'update',
    environment.name,
    '--project',
    project.name,
    '--approvals',
    '2',
  );
  expect(rule.code, rule.err).toBe(0);
  const named = (name: string) => person(name, project.name);
  const [ann, ben, cleo, dan] = await Promise.all([named('ann'), named('ben'), named('cleo'), named('dan')]);

  const folder = mkdtempSync(join(tmpdir(), 'slipway-page-'));
  writeFileSync(join(folder, 'index.html'), 'agreed');
  const started = await ann.run('deploy', ...place, '--dir', folder, '--json');
  expect(started.code, started.err).toBe(0);
  const { id } = started.json<DeploymentView>();
  const before = await asked(id, 0);
  // It owns nothing meanwhile, and stands in nobody's way.
  const waiting = unwrap(await sdk().environments.get(project.id, environment.name));
  expect([waiting.slot, waiting.queue]).toEqual([{}, []]);

  const own = await ann.run('approve', id);
  expect([own.code, own.err]).toEqual([3, expect.stringContaining('Whoever started a deployment')]);
  const first = await ben.run('approve', id, '--digest', before.digest, '--comment', 'looks right');
  expect(first.out, first.err).toContain('1 of 2');
  const twice = await ben.run('approve', id);
  expect([twice.code, twice.err]).toEqual([3, expect.stringContaining('You have approved')]);

  await sdk()
    .environments.update(project.id, environment.name, { configuration: { color: 'green' } })
    .then(unwrap);
  const after = await asked(id, 0);
  expect(after.digest).not.toBe(before.digest);
  const said = await slipway('logs', id);
  expect(said.out).toContain('the approval given is void, and it is asked for again');
  const old = await cleo.run('approve', id, '--digest', before.digest);
  expect([old.code, old.err]).toEqual([3, expect.stringContaining('is not what you have looked at')]);

  // The second round: whoever agreed to the old has to agree to the new.
  const second = await cleo.run('approve', id, '--digest', after.digest);
  expect(second.out, second.err).toContain('1 of 2');
  await asked(id, 1);
  const last = await ben.run('approve', id, '--digest', after.digest);
  expect(last.out, last.err).toContain('2 of 2');
  const ended = unwrap(await sdk().deployments.waitFor(id));
  expect(ended).toMatchObject({ status: 'succeeded', configSnapshot: { color: 'green' } });
  expect(ended.approval?.given.map(({ by }) => by)).toEqual([cleo.subject, ben.subject]);
  expect(await (await fetch(ended.url ?? '')).text()).toBe('agreed');
  expect(await wholeLog(id)).not.toEqual([]);

  for (const late of [await dan.run('approve', id), await dan.run('reject', id, '--reason', 'too late')]) {
    expect([late.code, late.err]).toEqual([3, expect.stringContaining('waits for no approval')]);
  }
});
