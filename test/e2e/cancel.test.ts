import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { slipway } from '../support/cli.ts';
import { deployed, projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** Does anything of a process group still run? */
function runs(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    // Any other refusal (it is somebody else's) means that it is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The process group of the build, which says it in its log. */
async function groupOf(deploymentId: string): Promise<number> {
  for await (const { message } of sdk().deployments.logs(deploymentId)) {
    const [, group] = /^group (\d+)$/.exec(message) ?? [];
    if (group !== undefined) return Number(group);
  }
  throw new Error('The log ended before the build began.');
}

it('a cancel ends the process group of a stubborn build within 5 s, and the next start works', async () => {
  const repository = siteRepository();
  const stubborn = "trap '' TERM; sleep 300 & echo \"group $(cut -d' ' -f5 /proc/$$/stat)\"; sleep 300";
  repository.commit({ 'index.html': '<h1>canceled</h1>', 'build.sh': stubborn });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'sh build.sh', outputDirectory: '.' },
  });
  const { id } = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  const group = await groupOf(id);
  expect(runs(group)).toBe(true);

  const askedAt = Date.now();
  const asked = unwrap(await sdk().deployments.cancel(id, { reason: 'wrong branch' }));
  expect(asked.outcome).toBe('stopping');
  while (runs(group)) {
    expect(Date.now() - askedAt).toBeLessThan(5000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  const ended = await slipway('cancel', id, '--wait', '--json');
  expect(ended.code, ended.err).toBe(0);
  expect(ended.json()).toMatchObject({
    status: 'canceled',
    releaseState: 'none',
    cancelRequested: { reason: 'wrong branch' },
  });
  expect(unwrap(await sdk().environments.get(project.id, environment.name)).slot.owner).toBeUndefined();

  repository.commit({ 'build.sh': 'echo quick' });
  const next = await deployed(project.id, environment.name);
  expect(next.status).toBe('succeeded');
  expect(await (await fetch(next.url ?? '')).text()).toContain('canceled');
  const late = await slipway('cancel', next.id);
  expect(late.code).toBe(3);
  expect(late.err).toContain(`${next.id} had ended already: succeeded.`);
});
