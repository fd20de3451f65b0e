import { describe, expect, test } from 'vitest';
import { approvalDigest } from '../../shared/domain/approval-digest.ts';
import type { Hook, Hooks } from '../../shared/domain/hooks.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { beginPreCall, endPreCall } from '../../shared/store/hooks.ts';
import { getJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { beginRound, goesOn, noteMoved, promote, promotedRound } from '../../shared/store/rounds.ts';
import { answerStage } from '../../shared/store/task-tokens.ts';
import { expectUntouched } from './world/given.ts';
import { built, failedHook, HOOK_HOST, hooked, World } from './world/world.ts';

const command = (name: string, more: Partial<Extract<Hook, { type: 'command' }>> = {}): Hook => ({
  type: 'command',
  name,
  command: `./${name}.sh`,
  ...more,
});
const http = (name: string, more: Partial<Extract<Hook, { type: 'http' }>> = {}): Hook => ({
  type: 'http',
  name,
  url: `https://${HOOK_HOST}/${name}?key=hidden`,
  ...more,
});
const hooksOf = (hooks: Partial<Hooks>): Hooks => ({ pre: [], post: [], onPostFailure: 'fail', ...hooks });

const runs = ({ hooks = [] }: Deployment) =>
  hooks.map(({ phase, name, status }) => `${phase} ${name} ${status}`);
const stage = (deployment: Deployment, name: string) =>
  deployment.stages.find((record) => record.name === name);

/** A world in which something is live that was deployed before its environment had hooks. */
async function given(hooks: Partial<Hooks>) {
  const world = await World.create({ environment: { hooks: hooksOf({}) } });
  const live = await world.deploy();
  await world.buildWell();
  await world.ended(live);
  await world.changeEnvironment({ hooks: hooksOf(hooks) });
  return { world, live };
}

/** The deployment once it runs this hook. */
const inHook = (world: World, id: string, name: string): Promise<Deployment> =>
  world.until(async () => {
    const deployment = await world.deployment(id);
    const run = deployment.hooks?.find((one) => one.name === name);
    return run?.status === 'running' ? deployment : undefined;
  });

describe('a command before anything is changed', () => {
  test('runs in the build, whose runner says how it went', async () => {
    const { world } = await given({ pre: [command('migrate'), command('check')] });
    const id = await world.deploy();
    const job = await world.claimed();
    expect(job.job).toMatchObject({ kind: 'build', withHooks: true });
    // The build's own time, and what two commands may take beside it.
    expect(job.job.timeouts.workSeconds).toBe(1800 + 300 + 300 + 300);
    await world.report(job, built());
    const ended = await world.ended(id);
    expect(ended.status).toBe('succeeded');
    expect(runs(ended)).toEqual(['pre migrate succeeded', 'pre check succeeded']);
  });

  test('that fails fails the build with its exit code, and nothing was changed', async () => {
    const { world, live } = await given({ pre: [command('migrate'), command('check'), command('more')] });
    const id = await world.deploy();
    await world.report(await world.claimed(), failedHook('check', 3));
    const ended = await world.ended(id);
    expect(ended).toMatchObject({
      status: 'failed',
      releaseState: 'none',
      error: { code: 'HOOK_FAILED', stage: 'build', exitCode: 3, retryable: false },
    });
    expect('error' in ended && ended.error?.message).toContain('last words');
    expect(runs(ended)).toEqual(['pre migrate succeeded', 'pre check failed', 'pre more skipped']);
    expect(ended.hooks?.[1]).toMatchObject({ exitCode: 3, message: 'The hook check exited with 3.' });
    expect(world.target.history).not.toContain(id);
    await expectUntouched(world, live);
  });

  test('is not given to a runner of before hooks, which would not understand the build', async () => {
    const { world } = await given({ pre: [command('check')] });
    world.knowsHooks = false;
    const id = await world.deploy();
    await world.offered(id);
    expect(await world.claim()).toBeUndefined();
    world.knowsHooks = true;
    await world.buildWell();
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('runs in a job of its own where the artifact is there, and then the build is skipped', async () => {
    const { world } = await given({ pre: [command('check')] });
    const { id: versionId } = await world.uploadedVersion();
    const id = await world.deploy({ versionId });
    const job = await world.claimed('hook');
    expect(job.job).toMatchObject({ kind: 'hook', round: 0 });
    expect((await world.deployment(id)).artifact?.key).toBe('uploads/a.zip');
    expect(await world.report(job, hooked())).toBe('taken');
    expect(await world.report(job, hooked())).toBe('taken');
    const ended = await world.ended(id);
    expect(ended.status).toBe('succeeded');
    expect(stage(ended, 'build')).toMatchObject({ status: 'skipped' });
    expect(runs(ended)).toEqual(['pre check succeeded']);
  });

  test('that fails beside a ready artifact ends it before anything is changed', async () => {
    const { world, live } = await given({ pre: [command('check'), http('announce')] });
    const { id: versionId } = await world.uploadedVersion();
    const id = await world.deploy({ versionId });
    await world.report(await world.claimed('hook'), failedHook('check', 9));
    expect(await world.ended(id)).toMatchObject({
      status: 'failed',
      error: { code: 'HOOK_FAILED', stage: 'build', exitCode: 9 },
    });
    expect(world.called).toEqual([]);
    await expectUntouched(world, live);
  });

  test('runs again in a retry that takes over what was built', async () => {
    const { world } = await given({ pre: [command('check')] });
    const parent = await world.deploy();
    await world.buildWell();
    world.target.faults.start = 'refused';
    await world.ended(parent);
    if ((await world.deployment(parent)).status === 'succeeded') throw new Error('it was to fail');
    const id = await world.retry(parent);
    await world.report(await world.claimed('hook'), hooked());
    expect(runs(await world.ended(id))).toEqual(['pre check succeeded']);
  });

  test('whose runner is lost beside a ready artifact fails it as a lost build does', async () => {
    const { world, live } = await given({ pre: [command('check')] });
    const { id: versionId } = await world.uploadedVersion();
    const id = await world.deploy({ versionId });
    const job = await world.claimed('hook');
    world.advance(61);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', error: { code: 'RUNNER_LOST' } });
    expect(await world.report(job, hooked())).toBe('gone');
    await expectUntouched(world, live);
  });

  test('that no runner takes ends at the claim deadline', async () => {
    const { world, live } = await given({ pre: [command('check')] });
    const { id: versionId } = await world.uploadedVersion();
    const id = await world.deploy({ versionId });
    await world.offered(id);
    world.advance(601);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'timeout', error: { stage: 'build' } });
    await expectUntouched(world, live);
  });
});

describe('a call before anything is changed', () => {
  test('is made at the beginning of the release, in order, with what its receiver can act on', async () => {
    const { world } = await given({ pre: [http('one'), http('two', { method: 'PUT' })] });
    world.answerHook = () => {
      expect(world.target.releases.size).toBe(1);
      return 204;
    };
    const id = await world.deploy({ hooks: { pre: [http('three', { headers: { 'X-Team': 'web' } })] } });
    await world.buildWell();
    const ended = await world.ended(id);
    expect(runs(ended)).toEqual(['pre one succeeded', 'pre two succeeded', 'pre three succeeded']);
    expect(world.called.map(({ url }) => new URL(url).pathname)).toEqual(['/one', '/two', '/three']);
    const [first, second, third] = world.called;
    expect(first).toMatchObject({ method: 'POST', maxRedirects: 0, timeoutMs: 10_000 });
    expect(first?.headers).toMatchObject({ 'webhook-id': `hook_${id}_pre_one` });
    expect(first?.headers?.['webhook-signature']).toBeUndefined();
    expect(JSON.parse(String(first?.body))).toEqual({
      hook: 'one',
      phase: 'pre',
      deployment: {
        id,
        type: 'deploy',
        projectId: ended.projectId,
        project: 'shop',
        environment: 'production',
        versionNumber: ended.versionNumber,
        ref: 'main',
        commit: ended.source.commit?.sha,
      },
    });
    expect(second?.method).toBe('PUT');
    expect(third?.headers).toMatchObject({ 'x-team': 'web' });
    expect(await world.steps(id, 'hook:one')).toEqual(['said 204', `POST to ${HOOK_HOST} answered 204.`]);
    expect((await world.log(id)).join('\n')).not.toContain('hidden');
  });

  test('that fails ends it in the release, and nothing was changed', async () => {
    const { world, live } = await given({ pre: [http('one'), http('two')], post: [http('after')] });
    world.answerHook = ({ url }) => (url.includes('/one') ? 200 : 404);
    const id = await world.deploy();
    await world.buildWell();
    const ended = await world.ended(id);
    expect(ended).toMatchObject({
      status: 'failed',
      releaseState: 'none',
      error: { code: 'HOOK_FAILED', stage: 'release' },
    });
    expect(runs(ended)).toEqual(['pre one succeeded', 'pre two failed', 'post after skipped']);
    expect(world.target.releases.has(id)).toBe(false);
    await expectUntouched(world, live);
  });

  test('that meets a busy address is made again with the same id, and each attempt is seen', async () => {
    const { world } = await given({ pre: [http('one')] });
    let calls = 0;
    world.answerHook = () => {
      calls += 1;
      return calls < 3 ? 503 : 200;
    };
    const id = await world.deploy();
    await world.buildWell();
    const ended = await world.ended(id);
    expect(ended.status).toBe('succeeded');
    expect(stage(ended, 'release')?.attempts).toBe(3);
    expect(new Set(world.called.map(({ headers }) => headers?.['webhook-id'])).size).toBe(1);
    expect((await world.steps(id, 'hook:one')).join('\n')).toContain('Attempt 1 of 3:');
  });

  test('that has passed is not made again when its state is entered again', async () => {
    const { world } = await given({ pre: [http('one')] });
    const { invoke } = world.engine;
    let failed = false;
    world.engine.invoke = async (state, payload) => {
      // The function is called twice, as Lambda may do after a fault of its own.
      if (state === 'release' && !failed) {
        failed = true;
        await invoke(state, payload);
      }
      return invoke(state, payload);
    };
    const id = await world.deploy();
    await world.buildWell();
    expect((await world.ended(id)).status).toBe('succeeded');
    expect(world.called).toHaveLength(1);
  });
});

describe('a call before anything is changed, in trouble', () => {
  test('that has failed is not made again until it passes, where its function died before the stage failed', async () => {
    const { world, live } = await given({ pre: [http('one')] });
    const { invoke } = world.engine;
    world.engine.invoke = async (state, payload) => {
      if (state === 'release') {
        const { id } = await world.deployment(String(payload['deploymentId']));
        await beginPreCall(world.store, id, 'one');
        await endPreCall(world.store, id, 'one', { passed: false, message: 'It answered 403.' });
      }
      return invoke(state, payload);
    };
    const id = await world.deploy();
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({
      status: 'failed',
      error: { code: 'HOOK_FAILED', stage: 'release', message: 'It answered 403.' },
    });
    expect(world.called).toEqual([]);
    await expectUntouched(world, live);
  });

  test('is the last one where a cancel comes meanwhile: nobody hears of what is over', async () => {
    const { world, live } = await given({ pre: [http('one'), http('two')] });
    const id = await world.deploy();
    world.answerHook = async () => {
      await world.cancel(id);
      return 200;
    };
    await world.buildWell();
    expect((await world.ended(id)).status).toBe('canceled');
    await world.rest();
    expect(world.called).toHaveLength(1);
    await expectUntouched(world, live);
  });
});

describe('hooks after the live checks', () => {
  const MIXED = [http('purge'), command('smoke'), http('announce')];

  test('run in their order, calls and commands mixed, each a round of its own; then it succeeds', async () => {
    const { world, live } = await given({ post: MIXED });
    const id = await world.deploy();
    await world.buildWell();
    const smoking = await inHook(world, id, 'smoke');
    expect(world.target.served).toBe(id);
    expect(smoking).toMatchObject({ status: 'deploying', stage: 'activate', progress: 95 });
    expect(smoking.currentStep).toBe('hook:smoke');
    expect(world.called).toHaveLength(1);
    expect(JSON.parse(String(world.called[0]?.body))).toMatchObject({
      phase: 'post',
      deployment: { url: 'https://production.shop.test' },
    });
    const job = await world.claimed('hook');
    expect(job.job).toMatchObject({ round: 2, timeouts: { workSeconds: 600 } });
    await world.report(job, hooked());
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active', progress: 100 });
    expect(runs(ended)).toEqual(['post purge succeeded', 'post smoke succeeded', 'post announce succeeded']);
    expect(world.called).toHaveLength(2);
    expect((await world.deployment(live)).releaseState).toBe('inactive');
    const execution = world.engine.executions.get(id);
    expect(execution?.entered.filter((state) => state === 'hook')).toHaveLength(3);
    expect(ended.cost.transitions).toBe(execution?.entered.length);
    expect(stage(ended, 'activate')?.message).toContain('passes its check');
  });

  test('whoever notes that the checks passed and dies before the answer: they are not made again', async () => {
    const { world } = await given({ post: [command('smoke')] });
    const { invoke } = world.engine;
    world.engine.invoke = async (state, payload) => {
      if (state === 'activate') {
        const id = String(payload['deploymentId']);
        const [executionArn, enteredAt] = [String(payload['executionArn']), String(payload['enteredAt'])];
        await beginRound(world.store, id, { executionArn, enteredAt });
        await noteMoved(world.store, id, 0, { message: 'The live release passes its check.' });
        world.liveStatus = 500;
      }
      return invoke(state, payload);
    };
    const id = await world.deploy();
    await world.buildWell();
    await world.report(await world.claimed('hook'), hooked());
    expect((await world.ended(id)).failure).toBeUndefined();
  });

  test('a second run of the activation that fails late is no reason to go back', async () => {
    const { world } = await given({ post: [command('smoke')] });
    const { invoke } = world.engine;
    const { liveAddress } = world.target;
    world.engine.invoke = async (state, payload) => {
      if (state !== 'activate') return invoke(state, payload);
      // Lambda calls the function twice: the other call comes through while this one looks at what is live.
      world.target.liveAddress = async () => {
        world.target.liveAddress = liveAddress;
        await invoke(state, payload);
        world.liveStatus = 500;
        return liveAddress();
      };
      return invoke(state, payload);
    };
    const id = await world.deploy();
    await world.buildWell();
    expect((await inHook(world, id, 'smoke')).failure).toBeUndefined();
    await world.rest();
    expect((await world.deployment(id)).failure).toBeUndefined();
    await world.report(await world.claimed('hook'), hooked());
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('a deployment without hooks goes through as many states as before', async () => {
    const { world } = await given({});
    const id = await world.deploy();
    await world.buildWell();
    const ended = await world.ended(id);
    expect(ended.hooks).toBeUndefined();
    expect(ended.cost.transitions).toBe(7);
  });

  test('follow the last step of a canary, also where somebody promotes it', async () => {
    const { world } = await given({ post: [command('smoke')] });
    const id = await world.deploy({
      strategy: 'canary',
      steps: [{ weight: 10 }, { weight: 100, bakeSeconds: 60 }],
    });
    await world.buildWell();
    for (const step of [0, 1]) {
      await world.until(async () => {
        const { rollout } = await world.deployment(id);
        return rollout?.step === step && rollout.until !== undefined ? rollout : undefined;
      });
      const promoted = await promote(world.store, id, { by: 'ann', step, all: false });
      const round = promotedRound(promoted) ?? -1;
      await answerStage(world.store, world.engine, id, 'activate', round, goesOn(promoted));
    }
    const smoking = await inHook(world, id, 'smoke');
    expect(smoking.rollout).toMatchObject({ weight: 100 });
    expect(smoking.rollout?.until).toBeUndefined();
    await expect(promote(world.store, id, { by: 'ann', all: false })).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringContaining('its post hook smoke runs'),
    });
    await world.report(await world.claimed('hook'), hooked());
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('one that fails fails the deployment, which is switched back', async () => {
    const { world, live } = await given({ post: MIXED });
    const id = await world.deploy();
    await world.buildWell();
    await world.report(await world.claimed('hook'), failedHook('smoke', 7));
    const ended = await world.ended(id);
    expect(ended).toMatchObject({
      status: 'failed',
      releaseState: 'rolled-back',
      error: { code: 'HOOK_FAILED', stage: 'activate', exitCode: 7 },
    });
    expect(runs(ended)).toEqual(['post purge succeeded', 'post smoke failed', 'post announce skipped']);
    await expectUntouched(world, live);
  });

  test('a call that fails does the same', async () => {
    const { world, live } = await given({ post: [http('purge'), command('smoke')] });
    world.answerHook = () => 400;
    const id = await world.deploy();
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({
      status: 'failed',
      releaseState: 'rolled-back',
      error: { code: 'HOOK_FAILED', stage: 'activate', message: expect.stringContaining('answered 400') },
    });
    await expectUntouched(world, live);
  });

  test('where nothing is switched back after a failure, what went live stays and the deployment has failed', async () => {
    const { world } = await given({ post: [http('purge')] });
    world.answerHook = () => 400;
    const id = await world.deploy({ rollbackOnFailure: false });
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'active' });
    expect(world.target.served).toBe(id);
  });

  test('where a failure only warns, it is said and the next one runs', async () => {
    const { world } = await given({ post: MIXED, onPostFailure: 'warn' });
    const id = await world.deploy();
    await world.buildWell();
    await world.report(await world.claimed('hook'), failedHook('smoke', 7));
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    expect(runs(ended)).toEqual(['post purge succeeded', 'post smoke warned', 'post announce succeeded']);
    expect(ended.validation.warnings).toContain('post hook smoke: The hook smoke exited with 7.');
  });

  test('what is reported twice, or by a function that runs twice, counts once', async () => {
    const { world } = await given({ post: [command('smoke'), command('more')] });
    const id = await world.deploy();
    await world.buildWell();
    const { invoke } = world.engine;
    world.engine.invoke = async (state, payload) => {
      if (state === 'hook') await invoke(state, payload);
      return invoke(state, payload);
    };
    const first = await world.claimed('hook');
    await Promise.all([world.report(first, hooked()), world.report(first, hooked())]);
    const second = await world.claimed('hook');
    expect(second.job.round).toBe(2);
    expect(await world.report(first, hooked())).toBe('taken');
    expect((await inHook(world, id, 'more')).status).toBe('deploying');
    await world.report(second, hooked());
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('whoever notes the end and dies before the answer: the runner reports again and it goes on', async () => {
    const { world } = await given({ post: [command('smoke')] });
    const id = await world.deploy();
    await world.buildWell();
    const job = await world.claimed('hook');
    const { succeed } = world.engine;
    world.engine.succeed = () => Promise.reject(new Error('the function was killed'));
    await expect(world.report(job, hooked())).rejects.toThrow();
    world.engine.succeed = succeed;
    world.advance(40);
    await world.sweep();
    expect((await world.ended(id)).status).toBe('succeeded');
  });

  test('when its function dies while a call is made, then the machine settles and it is switched back', async () => {
    const { world, live } = await given({ post: [http('purge')] });
    world.crashes.hook = 'before';
    const id = await world.deploy();
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({ status: 'failed', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });

  test('when its function dies and a failure only warns, then what went live stays, with a warning', async () => {
    const { world } = await given({ post: [http('purge'), http('more')], onPostFailure: 'warn' });
    world.crashes.hook = 'before';
    const id = await world.deploy();
    await world.buildWell();
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    expect(world.called).toEqual([]);
    expect(runs(ended)).toEqual(['post purge skipped', 'post more skipped']);
    expect(ended.validation.warnings).toEqual(
      expect.arrayContaining(['post hook purge did not come to its end']),
    );
  });
});

test('a post hook whose job was offered and then given up is run by nobody later', async () => {
  const { world } = await given({ post: [command('smoke'), http('more')], onPostFailure: 'warn' });
  const id = await world.deploy();
  await world.offered(id);
  world.announce = () => Promise.reject(new Error('no socket can be reached'));
  let meanwhile: string | undefined;
  world.answerHook = async () => {
    meanwhile = (await getJob(world.store, jobKeyOf(id, 'hook', 1)))?.state;
    return 200;
  };
  await world.buildWell();
  const ended = await world.ended(id);
  expect(ended.status).toBe('succeeded');
  expect(runs(ended)).toEqual(['post smoke warned', 'post more succeeded']);
  expect(meanwhile).toBe('canceled');
});

describe('a runner that is lost while it runs a post hook', () => {
  test('fails the deployment, which is switched back; its result comes too late', async () => {
    const { world, live } = await given({ post: [command('smoke')] });
    const id = await world.deploy();
    await world.buildWell();
    const job = await world.claimed('hook');
    world.advance(61);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({
      status: 'failed',
      releaseState: 'rolled-back',
      error: { code: 'RUNNER_LOST', stage: 'activate' },
    });
    expect(await world.report(job, hooked())).toBe('gone');
    await expectUntouched(world, live);
  });

  test('is a warning where a failure only warns, and the next hook runs', async () => {
    const { world } = await given({ post: [command('smoke'), http('announce')], onPostFailure: 'warn' });
    const id = await world.deploy();
    await world.buildWell();
    const job = await world.claimed('hook');
    world.advance(61);
    await world.sweep();
    const ended = await world.ended(id);
    expect(ended.status).toBe('succeeded');
    expect(runs(ended)).toEqual(['post smoke warned', 'post announce succeeded']);
    expect(world.calledOff).toContain(job.job.jobKey);
  });

  test('nobody takes the hook: the claim deadline ends it, or only warns', async () => {
    for (const [onPostFailure, status] of [
      ['fail', 'timeout'],
      ['warn', 'succeeded'],
    ] as const) {
      const { world } = await given({ post: [command('smoke')], onPostFailure });
      const id = await world.deploy();
      await world.buildWell();
      await inHook(world, id, 'smoke');
      await world.offered(id);
      world.advance(601);
      await world.sweep();
      expect((await world.ended(id)).status).toBe(status);
      expect(await world.claim('hook')).toBeUndefined();
    }
  });
});

describe('a cancel while a post hook', () => {
  test('runs on an agent reaches it, and then everybody gets what was live before', async () => {
    const { world, live } = await given({ post: [command('smoke')] });
    const id = await world.deploy();
    await world.buildWell();
    const job = await world.claimed('hook');
    expect((await world.cancel(id)).outcome).toBe('stopping');
    await world.until(async () => (world.calledOff.includes(job.job.jobKey) ? true : undefined));
    expect((await world.deployment(id)).status).toBe('canceling');
    await world.report(job, { outcome: 'canceled', lines: 0 });
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
    expect(runs(ended)).toEqual(['post smoke failed']);
    await expectUntouched(world, live);
  });

  test('runs on an agent that never answers ends at the deadline of the cancel', async () => {
    const { world, live } = await given({ post: [command('smoke')], onPostFailure: 'warn' });
    const id = await world.deploy();
    await world.buildWell();
    await world.claimed('hook');
    await world.cancel(id);
    await world.rest();
    world.advance(61);
    await world.sweep();
    expect(await world.ended(id)).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
    await expectUntouched(world, live);
  });

  test('is called counts all the same', async () => {
    const { world, live } = await given({ post: [http('purge'), http('more')] });
    let id = '';
    world.answerHook = async () => {
      await world.cancel(id);
      return 200;
    };
    const { invoke } = world.engine;
    world.engine.invoke = async (state, payload) => {
      id = String(payload['deploymentId']);
      return invoke(state, payload);
    };
    await world.deploy();
    await world.buildWell();
    expect(await world.ended(id)).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
    expect(world.called).toHaveLength(1);
    await expectUntouched(world, live);
  });
});

describe('a rollback', () => {
  const POST = [
    http('purge', { onRollback: true }),
    command('smoke', { onRollback: true }),
    http('announce'),
  ];

  async function rolledBack(hooks: Partial<Hooks>) {
    const { world, live } = await given({});
    const bad = await world.deploy();
    await world.buildWell();
    await world.ended(bad);
    await world.changeEnvironment({ hooks: hooksOf(hooks) });
    const id = await world.rollback(bad);
    return { world, live, bad, id };
  }

  test('runs the post hooks that are for rollbacks, of the environment as it is today, and no pre hooks', async () => {
    const { world, id } = await rolledBack({ pre: [http('before')], post: POST });
    await world.report(await world.claimed('hook'), hooked());
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    expect(runs(ended)).toEqual(['post purge succeeded', 'post smoke succeeded']);
    expect(world.called.map(({ url }) => new URL(url).pathname)).toEqual(['/purge']);
  });

  test('never keeps the bad version because of a hook: what fails only warns', async () => {
    const { world, live, id } = await rolledBack({ post: POST });
    world.answerHook = () => 500;
    await world.report(await world.claimed('hook'), failedHook('smoke', 1));
    const ended = await world.ended(id);
    expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    expect(runs(ended)).toEqual(['post purge warned', 'post smoke warned']);
    expect(ended.rollback?.targetDeploymentId).toBe(live);
    expect(world.target.served).toBe(id);
  });

  test('nor because a runner is lost, its execution stops or its time is over meanwhile', async () => {
    for (const trouble of ['lost', 'stopped', 'late'] as const) {
      const { world, id } = await rolledBack({ post: POST });
      await world.claimed('hook');
      if (trouble === 'stopped') await world.engine.stop(`arn:execution:${id}`);
      else world.advance(trouble === 'lost' ? 61 : 3601);
      await world.sweep();
      const ended = await world.ended(id);
      expect(ended, trouble).toMatchObject({ status: 'succeeded', releaseState: 'active' });
      expect(runs(ended), trouble).toContain('post smoke warned');
      expect(world.target.served).toBe(id);
    }
  });
});

test('given an approval, when a hook changes while it waits, then what was agreed to is asked for again', async () => {
  const world = await World.create();
  const id = await world.deploy();
  const deployment = await world.deployment(id);
  const digest = (hooks?: Hooks) =>
    approvalDigest(deployment, deployment.source, { ...deployment.snapshot, hooks });
  expect(digest(hooksOf({ post: [http('a')] }))).not.toBe(digest());
  expect(digest(hooksOf({ post: [http('a')] }))).not.toBe(digest(hooksOf({ post: [http('b')] })));
  expect(digest(hooksOf({ post: [http('a')] }))).not.toBe(
    digest(hooksOf({ post: [http('a')], onPostFailure: 'warn' })),
  );
});
