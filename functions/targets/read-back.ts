import type * as z from 'zod/mini';
import type { cancelAnswer, restoreAnswer, ServingAnswer } from '../../shared/contracts/steps.ts';
import { DIRECT_CALL_SECONDS } from '../../shared/domain/deadlines.ts';
import { FenceLost, StageFailed } from '../../shared/errors/deployments.ts';
import { assertRestoreMayChange, requireDeployment, stageOf } from '../../shared/store/deployments.ts';
import type { TargetsDeps } from './deps.ts';
import { openWork, type Work } from './work.ts';

type DirectCall = keyof typeof DIRECT_CALL_SECONDS;

/** Runs a direct call of the settlement on the deployment's target, within the time that its caller waits. */
async function direct<T>(
  deps: TargetsDeps,
  id: string,
  op: DirectCall,
  signal: AbortSignal,
  run: (work: Work) => Promise<T>,
): Promise<T> {
  const deployment = await requireDeployment(deps.store, id);
  const within = AbortSignal.any([signal, AbortSignal.timeout(DIRECT_CALL_SECONDS[op] * 1000)]);
  const producer = `${op}.${deps.store.random.ulid(deps.store.clock.now()).slice(-8)}`;
  const work = await openWork(deps, deployment, { step: 'settle', producer, signal: within });
  try {
    return await run(work);
  } finally {
    await work.log.settled();
  }
}

/** What the environment serves, as the target says; `known: false` where it could not be read. */
export async function serving(deps: TargetsDeps, id: string, signal: AbortSignal): Promise<ServingAnswer> {
  try {
    return await direct(deps, id, 'serving', signal, async ({ target, ctx }) => {
      const { deploymentId, releaseId, url } = await target.serving(ctx);
      return {
        known: true,
        ...(deploymentId === undefined ? {} : { deploymentId }),
        ...(releaseId === undefined ? {} : { releaseId }),
        ...(url === undefined ? {} : { url }),
      };
    });
  } catch (error) {
    deps.log.warn('What the environment serves could not be read.', { error });
    return { known: false };
  }
}

/** Stops the platform's own operation; where no release was ever begun there is none. */
export async function cancel(
  deps: TargetsDeps,
  id: string,
  signal: AbortSignal,
): Promise<z.infer<typeof cancelAnswer>> {
  const deployment = await requireDeployment(deps.store, id);
  if ((stageOf(deployment, 'release')?.attempts ?? 0) === 0) return { stopped: true };
  const stopped = await direct(deps, id, 'cancel', signal, ({ target, ctx }) => target.cancel(ctx));
  return { stopped };
}

/**
 * Switches back to what was served before, under the settlement's own intent. An answer means that the outcome
 * is known; where it is not, this throws, and the settlement keeps the intent until the call is past.
 */
export async function restore(
  deps: TargetsDeps,
  id: string,
  signal: AbortSignal,
): Promise<z.infer<typeof restoreAnswer>> {
  try {
    await direct(deps, id, 'restore', signal, async ({ target, ctx }) => {
      const assertMayChange = () => assertRestoreMayChange(deps.store, id, ctx.fence);
      await assertMayChange();
      await target.restore({ ...ctx, assertMayChange });
    });
    return { restored: true };
  } catch (error) {
    if (!(error instanceof StageFailed || error instanceof FenceLost)) throw error;
    deps.log.warn('The target was not switched back.', { error });
    return { restored: false, message: error.message };
  }
}
