import { expect, it } from 'vitest';
import type { StartDeployment } from '../../client/src/resources/deployment-options.ts';
import { unwrap } from '../../client/src/result.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import type { EnvironmentView } from '../../shared/contracts/environments.ts';
import { slipway } from '../support/cli.ts';
import { heldBuild } from '../support/held-build.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

async function place(concurrency: 'queue' | 'supersede', buildCommand: string) {
  const repository = siteRepository();
  const ref = repository.commit({ 'index.html': '<h1>next please</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand, outputDirectory: '.' },
    settings: { startsPerMinute: 1000 },
  });
  const named = ['--project', project.name, '--env', environment.name];
  const changed = await slipway(
    'envs',
    'update',
    environment.name,
    '--project',
    project.name,
    '--concurrency',
    concurrency,
  );
  expect(changed.code, changed.err).toBe(0);
  const deploy = async () => (await slipway('deploy', ...named, '--json')).json<DeploymentView>();
  const show = async () =>
    (
      await slipway('envs', 'show', environment.name, '--project', project.name, '--json')
    ).json<EnvironmentView>();
  // By its commit, so that no runner has to look up a ref for each of many.
  const source = { type: 'commit', ref } as const;
  const start = { projectId: project.id, environment: environment.name, source };
  return { deploy, show, start };
}

/** Functions starting at once on a small machine may take longer than a request may: its key makes it one. */
async function started(body: StartDeployment, key: string, attempt = 1): Promise<DeploymentView> {
  const answer = await sdk().deployments.start(body, { idempotencyKey: key });
  return answer.ok || attempt >= 5 ? unwrap(answer) : started(body, key, attempt + 1);
}

/** As many as a team starts at once when everything goes wrong. */
const CROWD = 30;
const crowd = (start: StartDeployment): Promise<DeploymentView[]> =>
  Promise.all(Array.from({ length: CROWD }, (_, n) => started(start, `${start.projectId}-${n}`)));

const ended = async (id: string) => unwrap(await sdk().deployments.waitFor(id));
const at = (time: string | undefined) => Date.parse(time ?? '');

it('`queue`: three wait in order, a canceled one leaves no gap, and the next starts at once', async () => {
  await using build = await heldBuild();
  const { deploy, show } = await place('queue', build.wait);
  const [first, second, third] = [await deploy(), await deploy(), await deploy()];
  expect([first.queue, second.queue, third.queue]).toEqual([
    undefined,
    { position: 1, behind: first.id },
    { position: 2, behind: second.id },
  ]);
  expect((await show()).queue).toEqual([second.id, third.id]);

  const canceled = await slipway('cancel', second.id, '--reason', 'not this one');
  expect(canceled.code, canceled.err).toBe(0);
  expect((await ended(second.id)).status).toBe('canceled');
  expect(await show()).toMatchObject({ slot: { owner: first.id }, queue: [third.id] });
  expect((await slipway('status', third.id)).out).toContain('position 1');

  build.release();
  const done = await ended(first.id);
  expect(done.status).toBe('succeeded');
  const { slot } = unwrap(await sdk().environments.get(done.projectId, done.environment));
  expect(slot.owner).toBe(third.id);
  const vacant = at(slot.since) - at(done.finishedAt);
  expect(vacant).toBeGreaterThanOrEqual(0);
  expect(vacant).toBeLessThanOrEqual(1000);
  const next = await ended(third.id);
  expect(next.status).toBe('succeeded');
  const passed = next.stages.find(({ name }) => name === 'gate');
  const waited = at(passed?.finishedAt) - at(done.finishedAt);
  // A second at the most on a machine that does nothing else; what counts here is that nothing had to be swept up.
  expect(waited).toBeGreaterThanOrEqual(0);
  expect(waited).toBeLessThan(30_000);
  expect(await show()).toMatchObject({ slot: {}, queue: [], active: third.id });
});

it('`queue`: of thirty starts at once one runs, the others stand at 1 to 29, and close up when some are canceled', async () => {
  await using build = await heldBuild();
  const { show, start } = await place('queue', build.wait);
  const all = new Set((await crowd(start)).map(({ id }) => id));
  expect(all.size).toBe(CROWD);
  const { slot, queue } = await show();
  expect(new Set([slot.owner, ...queue])).toEqual(all);
  const views = await Promise.all(queue.map(async (id) => unwrap(await sdk().deployments.get(id))));
  expect(views.map(({ status, queue: own }) => ({ status, ...own }))).toEqual(
    queue.map((_, n) => ({ status: 'queued', position: n + 1, behind: [slot.owner, ...queue][n] })),
  );

  const last = queue.at(-1) ?? '';
  const others = queue.filter((id) => id !== last);
  // One after the other: a small machine has no answer left for the runner of the first where all end at once.
  for (const id of others) unwrap(await sdk().deployments.cancel(id));
  const ends = await Promise.all(others.map(ended));
  expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['canceled']));
  expect((await show()).queue).toEqual([last]);
  build.release();
  for (const id of [slot.owner ?? '', last]) expect((await ended(id)).status).toBe('succeeded');
  expect(await show()).toMatchObject({ slot: {}, queue: [], active: last });
});

it('`supersede`: of thirty starts at once one runs, the newest waits, and the others end as superseded', async () => {
  await using build = await heldBuild();
  const { show, start } = await place('supersede', build.wait);
  const all = (await crowd(start)).map(({ id }) => id);
  const { slot, queue } = await show();
  expect(queue).toHaveLength(1);
  const [newest = ''] = queue;
  const others = all.filter((id) => id !== slot.owner && id !== newest);
  expect(others).toHaveLength(CROWD - 2);
  const ends = await Promise.all(others.map(ended));
  expect(new Set(ends.map(({ status, error }) => `${status} ${error?.code}`))).toEqual(
    new Set(['canceled SUPERSEDED']),
  );
  build.release();
  expect((await ended(slot.owner ?? '')).status).toBe('succeeded');
  expect((await ended(newest)).status).toBe('succeeded');
  expect((await show()).active).toBe(newest);
});
