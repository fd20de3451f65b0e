import { describe, expect, test } from 'vitest';
import { handleStep } from '../../../functions/steps/handle.ts';
import { STEP_CONTRACT } from '../../../shared/contracts/steps.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { changeEnvironment, requireEnvironment } from '../../../shared/store/environments.ts';
import { changeProject } from '../../../shared/store/projects.ts';
import { World } from '../../lifecycle/world/world.ts';
import { ids } from '../../support/records.ts';

const step = (world: World, payload: object) => handleStep(payload, () => world.stepsDeps());
const gate = (deploymentId: string, taskToken = 'token', retryCount = 0) => ({
  op: 'gate',
  contract: STEP_CONTRACT,
  deploymentId,
  executionArn: 'arn:by-hand',
  enteredAt: '2025-01-15T12:00:00.000Z',
  retryCount,
  taskToken,
});

/** A deployment whose machine the test moves by hand. */
async function unstarted(given: Parameters<typeof World.create>[0] = {}) {
  const world = await World.create(given);
  const answers: string[] = [];
  world.engine.start = async () => undefined;
  world.engine.succeed = async (token) => {
    answers.push(`ok ${token}`);
    return 'delivered';
  };
  world.engine.fail = async (token: string) => {
    answers.push(`no ${token}`);
    return 'delivered';
  };
  const id = await world.deploy();
  return { world, id, answers };
}
const overSsh = { project: { repository: { url: 'ssh://git@git.example.com/shop.git' } } };

describe('the gate', () => {
  test('passes once: a repeated state, a wake and a retry change nothing more', async () => {
    const { world, id, answers } = await unstarted();
    await step(world, gate(id));
    const passed = await world.deployment(id);
    expect(passed).toMatchObject({ status: 'initializing', progress: 5, snapshot: { frozen: true } });
    await step(world, { op: 'wake', contract: STEP_CONTRACT, deploymentId: id });
    await step(world, gate(id));
    const again = await world.deployment(id);
    expect(again.deadlines).toEqual(passed.deadlines);
    expect(again.cost.transitions).toBe(1);
    // The machine takes each token once: what comes after it is no answer any more.
    expect(new Set(answers)).toEqual(new Set(['ok token']));
  });

  test('that passed stays passed where only a note about it could not be written', async () => {
    const { world, id, answers } = await unstarted();
    const deps = world.stepsDeps();
    const say = () => Promise.reject(new Error('the log does not answer'));
    await handleStep(gate(id), () => ({ ...deps, say }));
    const deployment = await world.deployment(id);
    expect(deployment.status).toBe('initializing');
    expect(deployment.failure).toBeUndefined();
    expect(answers).toEqual(['ok token']);
  });

  test('freezes the configuration as it is when it passes, not as it was at the start', async () => {
    const { world, id } = await unstarted();
    const environment = await requireEnvironment(world.store, ids.project, 'production');
    await changeEnvironment(world.store, environment, {
      configuration: { colour: 'green' },
      timeouts: { deploymentSeconds: 120 },
    });
    await step(world, gate(id));
    const { snapshot, deadlines } = await world.deployment(id);
    expect(snapshot).toMatchObject({ configuration: { colour: 'green' }, frozen: true });
    expect(deadlines.total).toBe(world.store.clock.now() + 120_000);
  });

  test('leaves the log kept as long as was said when its first lines were written', async () => {
    const { world, id } = await unstarted();
    const environment = await requireEnvironment(world.store, ids.project, 'production');
    await changeEnvironment(world.store, environment, { retention: { logDays: 7 } });
    await step(world, gate(id));
    const first = (await world.deployment(id)).snapshot;
    expect(first.frozen).toBe(true);
    expect(first.retention).toBeUndefined();
  });

  test('checks again what must hold, and fails where it does not any more', async () => {
    const { world, id, answers } = await unstarted();
    await changeProject(world.store, await world.project(), { lifecycle: 'archived' });
    await step(world, gate(id));
    expect((await world.deployment(id)).failure).toMatchObject({ code: 'INVALID_CONFIG', stage: 'gate' });
    expect(answers).toEqual(['no token']);
  });

  test('lets the machine of a deployment that is ending go to its settlement', async () => {
    const { world, id, answers } = await unstarted();
    await changeWith(world.store, id, () => ({ settling: { at: 'now', by: 'sweep' } }));
    await step(world, gate(id));
    expect(answers).toEqual(['no token']);
    expect((await world.deployment(id)).snapshot.frozen).toBe(false);
  });

  test('whose wake is raised while it looks at the job looks again', async () => {
    const { world, id, answers } = await unstarted(overSsh);
    await step(world, gate(id));
    const job = await world.claimed('resolve');
    // The answer comes in between: after the look at the job would have said "waiting", before it is noted.
    await world.report(job, { outcome: 'resolved', lines: 0, commit: { sha: 'd'.repeat(40) } });
    const woken = await world.deployment(id);
    expect(woken.wake).toBe(1);
    expect(woken.seen).toBe(0);
    expect(answers).toEqual([]);
    await step(world, { op: 'wake', contract: STEP_CONTRACT, deploymentId: id });
    expect(answers).toEqual(['ok token']);
    expect((await world.deployment(id)).seen).toBe(1);
  });

  test('answers the token of the newest try only', async () => {
    const { world, id, answers } = await unstarted(overSsh);
    await step(world, gate(id, 'second', 1));
    await step(world, gate(id, 'first', 0));
    const job = await world.claimed('resolve');
    await world.report(job, { outcome: 'resolved', lines: 0, commit: { sha: 'd'.repeat(40) } });
    await step(world, { op: 'wake', contract: STEP_CONTRACT, deploymentId: id });
    expect(answers).toEqual(['ok second']);
  });

  test('refuses a payload of another form before it does anything', async () => {
    const { world, id } = await unstarted();
    for (const wrong of [
      { ...gate(id), taskToken: undefined },
      { ...gate(id), extra: 1 },
      { ...gate(id), contract: 2 },
      {},
    ]) {
      await expect(step(world, wrong)).rejects.toThrow();
    }
    expect((await world.deployment(id)).revision).toBe(1);
  });
});

describe('a build in CodeBuild', () => {
  test('is started with its job, a ticket and the address of the API, and a repeat voids the ticket before', async () => {
    const { world, id } = await unstarted({ project: { settings: { runner: { kind: 'codebuild' } } } });
    await step(world, gate(id));
    const builds: { jobKey: string; ticket: string; apiUrl: string }[] = [];
    const deps = {
      ...world.stepsDeps(),
      builds: {
        start: async (given: { jobKey: string; ticket: string; apiUrl: string }) => {
          builds.push(given);
          return `build-${builds.length}`;
        },
        stop: async () => {},
      },
    };
    const payload = { ...gate(id, 'build-token'), op: 'build' };
    await handleStep(payload, () => deps);
    await handleStep(payload, () => deps);
    expect(builds).toHaveLength(2);
    expect(builds[0]).toMatchObject({ jobKey: `${id}.build.0`, apiUrl: 'https://api.test' });
    expect(builds[0]?.ticket).not.toBe(builds[1]?.ticket);
    expect(await world.deployment(id)).toMatchObject({ status: 'building', buildId: 'build-2' });
  });

  test('that cannot be started fails the deployment in its build stage', async () => {
    const { world, id, answers } = await unstarted({
      project: { settings: { runner: { kind: 'codebuild' } } },
    });
    await step(world, gate(id));
    const start = () => Promise.reject(new Error('CodeBuild does not answer'));
    const deps = { ...world.stepsDeps(), builds: { start, stop: async () => {} } };
    await handleStep({ ...gate(id, 'build-token'), op: 'build' }, () => deps);
    expect((await world.deployment(id)).failure).toMatchObject({ code: 'INTERNAL', stage: 'build' });
    expect(answers.at(-1)).toBe('no build-token');
  });
});
