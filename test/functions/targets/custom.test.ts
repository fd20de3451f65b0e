import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Deployment } from '../../../shared/domain/records.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { secretKey } from '../../../shared/platform/secret-values.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { customTarget } from '../../../shared/targets/custom/adapter.ts';
import type { Target } from '../../../shared/targets/target.ts';
import { startCustomServer } from '../../support/custom-server.ts';
import { variable } from '../../support/given.ts';
import { zipOf } from '../../support/zip.ts';
import { openWorld, type World } from './world.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

/** A team's own server behind the signed contract, and the operations of `targets` that call it. */
async function customWorld() {
  const server = await startCustomServer({ secret: SECRET });
  const make = (fetch: Parameters<typeof customTarget>[0]['fetch']) =>
    // The registry gives an adapter the settings of its own kind only; these deployments are all `custom`.
    customTarget({ fetch, clock: systemClock, random: systemRandom }) as Target;
  const world = await openWorld({ other: { host: server.host, make } });
  const zip = await zipOf([{ path: 'index.html', content: '<h1>hello</h1>' }]);
  await world.artifacts.put('artifacts/a.zip', zip);
  const digest = createHash('sha256').update(zip).digest('hex');
  const { project, environment } = world.given;
  await world.secrets.put(secretKey(project.id, environment.name, 'SIGNING', 1), SECRET);
  const deployment = (fence: number, previousDeploymentId?: string) =>
    world.deployment({
      fence,
      previousDeploymentId,
      artifact: { key: 'artifacts/a.zip', digest, size: zip.length, files: 1 },
      snapshot: {
        target: { kind: 'custom', url: server.url, secret: 'SIGNING' },
        // The signing secret is for nobody's build or runtime: it is read because the target names it.
        variables: { SIGNING: variable({ sensitive: true, use: 'build' }) },
      },
    });
  const served = async () => {
    const answer = await fetch(server.address(project.id, environment.name));
    return answer.headers.get('x-release') ?? undefined;
  };
  const dispose = async () => {
    await world[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { world, deployment, served, [Symbol.asyncDispose]: dispose };
}

/** Through all its stages, with the observe queue delivered as it comes. */
async function goLive(world: World, deployment: Deployment): Promise<void> {
  await world.call('release', deployment);
  for (let look = 0; look < 50 && (await world.deliver()); look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await world.call('verify', deployment);
  await world.call('activate', deployment);
}

test('a team’s own server gets the artifact by its link, goes live, and back to what it served', async () => {
  await using custom = await customWorld();
  const { world, served } = custom;
  const first = await custom.deployment(1);
  await goLive(world, first);
  expect(await served()).toBe(first.id);
  expect((await world.record(first)).failure).toBeUndefined();
  expect([...world.machine.answers.values()]).toEqual([{ ok: true }, { ok: true }]);

  const second = await custom.deployment(2, first.id);
  await goLive(world, second);
  expect(await world.call('serving', second)).toMatchObject({ known: true, deploymentId: second.id });

  const calls = { 'restore-1': world.store.clock.now() + 60_000 };
  await changeWith(world.store, second.id, () => ({
    settling: { at: '2025-01-15T12:00:00.000Z', by: 'machine' },
    calls,
  }));
  expect(await world.call('restore', second)).toEqual({ restored: true });
  expect(await served()).toBe(first.id);
  expect(await world.call('serving', second)).toMatchObject({ known: true, deploymentId: first.id });
});
