import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { getDeployment, stageOf } from '../../shared/store/deployments.ts';
import { getJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { storeOfStack } from '../support/emulated-aws.ts';
import { HeldPlace, type HeldStage } from '../support/held-stages.ts';
import { signalWorkers } from '../support/lambda-workers.ts';
import { sdk } from '../support/scenario.ts';

const TIMEOUTS = {
  gateSeconds: 30,
  claimSeconds: 15,
  buildSeconds: 15,
  releaseSeconds: 30,
  verifySeconds: 60,
  activateSeconds: 60,
};

const cutOff = (stage: HeldStage, releaseState = 'none') => ({
  status: 'timeout',
  releaseState,
  error: { code: 'TIMEOUT', stage },
});

/**
 * The emulator does not tell a machine that waits for a token that the function died which should have answered it; AWS
 * does. So here the deadlines on the record are what ends such a stage.
 */
const ENDS: Readonly<Record<HeldStage, object>> = {
  gate: cutOff('gate'),
  build: cutOff('build'),
  release: cutOff('release'),
  verify: { status: 'failed', releaseState: 'none', error: { code: 'INTERNAL', stage: 'verify' } },
  // Its request was on its way, and did what it asked for when nobody was there any more to hear that.
  activate: cutOff('activate', 'rolled-back'),
  // The machine does it again.
  settle: { status: 'succeeded', releaseState: 'active' },
};

/** The function only offers the build to runners, which takes it no longer than a moment; so often it is tried. */
const TRIES = 10;

/** Kills the function of the build after it has begun the stage, and before it has offered the job. */
async function killedInBuild(held: HeldPlace): Promise<string> {
  const store = await storeOfStack();
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const id = await held.start();
    for (;;) {
      const deployment = await getDeployment(store, id);
      if (deployment !== undefined && stageOf(deployment, 'build')?.status === 'running') break;
      expect(isTerminal(deployment?.status ?? 'created')).toBe(false);
      await sleep(2);
    }
    await signalWorkers('Steps', 'SIGSTOP');
    const isOffered = (await getJob(store, jobKeyOf(id, 'build', 0))) !== undefined;
    if (!isOffered) {
      await signalWorkers('Steps', 'SIGKILL');
      return id;
    }
    await signalWorkers('Steps', 'SIGCONT');
    unwrap(await sdk().deployments.cancel(id));
    unwrap(await sdk().deployments.waitFor(id));
  }
  throw new Error(`In ${TRIES} tries the build was offered before its function could be killed.`);
}

it('the process of a function that dies in any stage leaves a deployment that ends, and the next one succeeds', async () => {
  await using stack = new AsyncDisposableStack();
  const place = async (stage: HeldStage) => stack.use(await HeldPlace.for(stage, TIMEOUTS));
  const build = await place('build');
  const begun = [{ held: build, id: await killedInBuild(build) }];

  const held = await Promise.all((['gate', 'release', 'verify', 'activate'] as const).map(place));
  const settling = await place('settle');
  begun.push(...(await Promise.all(held.map(async (one) => ({ held: one, id: await one.begin() })))));
  // Last, since a settlement waits for an answer the shortest.
  begun.push({ held: settling, id: await settling.begin() });
  await signalWorkers('Steps', 'SIGKILL');
  await signalWorkers('Targets', 'SIGKILL');

  await Promise.all(
    begun.map(async (one) => {
      one.held.release();
      const ended = unwrap(await sdk().deployments.waitFor(one.id));
      expect(ended).toMatchObject(ENDS[one.held.stage]);
      await one.held.expectAtRest(ended.releaseState === 'active' ? one.id : one.held.good);
      await one.held.expectNextToSucceed();
    }),
  );
});
