import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import type { FreezeView } from '../../shared/contracts/freezes.ts';
import { slipway } from '../support/cli.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const at = (time: string | undefined) => Date.parse(time ?? '');
const ended = async (id: string) => unwrap(await sdk().deployments.waitFor(id));
const activated = ({ stages }: DeploymentView) =>
  at(stages.find(({ name }) => name === 'activate')?.finishedAt);

it('a freeze of a minute holds what is due, lets one pass by name, and at its end the others go on in order', async () => {
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>thawed</h1>' });
  const { project, environment } = await projectOf(repository.url);
  const place = ['--project', project.name, '--env', environment.name];
  const settings = ['--project', project.name, '--concurrency', 'queue'];
  expect((await slipway('envs', 'update', environment.name, ...settings)).code).toBe(0);

  const to = new Date(Date.now() + 60_000).toISOString();
  const stocktaking = ['--from', 'now', '--to', to, '--reason', 'Stocktaking.', '--project', project.name];
  const made = await slipway('freeze', 'create', ...stocktaking, '--json');
  expect(made.code, made.err).toBe(0);
  const freeze = made.json<FreezeView>();
  expect(freeze).toMatchObject({ active: true, scope: { projectId: project.id } });

  const ids: string[] = [];
  const held = async () => {
    const started = await slipway('deploy', ...place, '--json');
    expect(started.code, started.err).toBe(0);
    const { id } = started.json<DeploymentView>();
    await expect
      .poll(async () => unwrap(await sdk().deployments.get(id)).status, { timeout: 45_000 })
      .toBe('held');
    ids.push(id);
    return id;
  };
  const [first, second, urgent] = [await held(), await held(), await held()];
  const shown = await slipway('status', first);
  expect(shown.out).toContain('held by a freeze');
  expect(shown.out).toContain('Stocktaking.');
  const now = unwrap(await sdk().environments.get(project.id, environment.name));
  expect([now.slot, now.queue]).toEqual([{}, ids]);

  const fix = ['--deployment', urgent, '--reason', 'a fix for the outage'];
  const passed = await slipway('freeze', 'override', freeze.id, ...fix);
  expect(passed.code, passed.err).toBe(0);
  const past = await ended(urgent);
  expect(past).toMatchObject({
    status: 'succeeded',
    freezeOverrides: [{ freezeId: freeze.id, reason: 'a fix for the outage', by: expect.any(String) }],
  });

  const released = await Promise.all([first, second].map(ended));
  expect(released.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  const [one = Number.NaN, two = Number.NaN] = released.map(activated);
  expect(one).toBeGreaterThanOrEqual(at(to));
  expect(two).toBeGreaterThan(one);
  const after = unwrap(await sdk().environments.get(project.id, environment.name));
  expect([after.active, after.slot, after.queue]).toEqual([second, {}, []]);
});
