import type * as z from 'zod/mini';
import type { cancelAnswer, restoreAnswer, ServingAnswer } from '../../shared/contracts/steps.ts';
import { DIRECT_CALL_SECONDS } from '../../shared/domain/deadlines.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { FenceLost, OutcomeUnknown, StageFailed } from '../../shared/errors/deployments.ts';
import { assertRestoreMayChange, requireDeployment, stageOf } from '../../shared/store/deployments.ts';
import type { TargetsDeps } from './deps.ts';
import { msUntil, WIRE_MS } from './intents.ts';
import type { LiveLog } from './live-log.ts';
import { shown } from './outcome.ts';
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
  let work: Work | undefined;
  try {
    work = await openWork(deps, deployment, { step: 'settle', producer, signal: within });
    return await run(work);
  } catch (error) {
    deps.log.warn('A call to the target failed.', { op, ...shown(error, work?.log) });
    throw withoutSecrets(error, work?.log);
  } finally {
    await work?.log.settled();
  }
}

/** What is thrown ends in places that nobody masks: the caller's log, the machine's history. */
const withoutSecrets = (error: unknown, log: LiveLog | undefined): unknown =>
  log === undefined
    ? error
    : new OutcomeUnknown(`The target gave no answer that can be used: ${log.mask(wordsOf(error))}`);

const wordsOf = (error: unknown) =>
  error instanceof SlipwayError ? error.message : 'it failed unexpectedly.';

/** What the environment serves, as the target says; `known: false` where it could not be read. */
export async function serving(deps: TargetsDeps, id: string, signal: AbortSignal): Promise<ServingAnswer> {
  try {
    return await direct(deps, id, 'serving', signal, async ({ target, ctx }) => {
      const { deploymentId, releaseId, url, shares } = await target.serving(ctx);
      return {
        known: true,
        ...(deploymentId === undefined ? {} : { deploymentId }),
        ...(releaseId === undefined ? {} : { releaseId }),
        ...(url === undefined ? {} : { url }),
        ...(shares === undefined ? {} : { shares: [...shares] }),
      };
    });
  } catch {
    // `direct` has told the log why.
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
  return direct(deps, id, 'restore', signal, async (work) => {
    const { target, ctx, log } = work;
    const untilWhen = () => assertRestoreMayChange(deps.store, id, ctx.fence);
    try {
      // However late this call began: it is over before the settlement takes it for over.
      const end = AbortSignal.timeout(msUntil(deps, (await untilWhen()) - WIRE_MS));
      assertPreviousKnown(work);
      await target.restore({
        ...ctx,
        assertMayChange: async () => void (await untilWhen()),
        signal: AbortSignal.any([ctx.signal, end]),
      });
      return { restored: true };
    } catch (error) {
      if (!(error instanceof StageFailed || error instanceof FenceLost)) throw error;
      return { restored: false, message: log.mask(error.message) };
    }
  });
}

/** A target takes «no release before» for «nothing was served», so the two must not be mixed up. */
function assertPreviousKnown({ deployment: { previousDeploymentId }, ctx }: Work): void {
  if (previousDeploymentId === undefined || ctx.previous !== undefined) return;
  throw new StageFailed(
    'RELEASE_FAILED',
    `The release of ${previousDeploymentId}, which was live before, is not on record; nothing was switched.`,
    { suggestion: 'Deploy a version that works.' },
  );
}
