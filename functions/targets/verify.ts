import type * as z from 'zod/mini';
import type { verifyState } from '../../shared/contracts/steps.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { beginStage, finishStage, stageDone, stageOf } from '../../shared/store/deployments.ts';
import type { TargetsDeps } from './deps.ts';
import { asThrown, noteFailure } from './outcome.ts';
import { probe } from './probe.ts';
import { withinStage } from './within-stage.ts';
import { openWork, type Work } from './work.ts';

const CANNOT = 'The target cannot show a release before it is live, so nothing was checked here.';

/** Probes the staged release. Throws where its checks fail; why stands in the record then. */
export async function verify(
  deps: TargetsDeps,
  call: z.infer<typeof verifyState>,
  untilCut: AbortSignal,
): Promise<void> {
  const deployment = await beginStage(deps.store, call.deploymentId, 'verify', call);
  if (stageDone(deployment, 'verify')) return;
  const signal = withinStage(deps, deployment, untilCut);
  let work: Work | undefined;
  try {
    const attempt = stageOf(deployment, 'verify')?.attempts ?? 1;
    work = await openWork(deps, deployment, { step: 'verify', producer: `verify.${attempt}`, signal });
    await check(deps, work);
  } catch (error) {
    throw asThrown(await noteFailure(deps, deployment, 'verify', error, { log: work?.log, signal }));
  } finally {
    await work?.log.settled();
  }
}

async function check(deps: TargetsDeps, { target, ctx, deployment, log }: Work): Promise<void> {
  const address = target.capabilities.staging ? await target.stagedAddress(ctx) : undefined;
  if (address === undefined) {
    log.add('info', CANNOT);
    await finishStage(deps.store, deployment.id, 'verify', { skipped: CANNOT });
    return;
  }
  const parts = {
    fetch: deps.fetch,
    clock: deps.store.clock,
    signal: ctx.signal,
    missed: (message: string) => log.add('info', message),
  };
  // An address of its own would show what is live, so of the health check only the path and the numbers count here.
  const result = await probe(parts, address, deployment.snapshot.healthCheck);
  if (!result.passed)
    throw new StageFailed('VERIFY_FAILED', `The staged release fails its check: ${result.message}`);
  const message = `The staged release passes its check: ${result.message}`;
  log.add('info', message);
  await finishStage(deps.store, deployment.id, 'verify', { message });
}
