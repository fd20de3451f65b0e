import type * as z from 'zod/mini';
import { type releaseState, STEP_CONTRACT } from '../../shared/contracts/steps.ts';
import { preCalls } from '../../shared/domain/hooks.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import type { SlipwayError } from '../../shared/errors/base.ts';
import { beginStage, changeWith, finishStage, stageDone, stageOf } from '../../shared/store/deployments.ts';
import { offeredBy, unlessEnding } from '../../shared/store/enter-state.ts';
import { answerCaller, storeToken } from '../../shared/store/task-tokens.ts';
import type { Started, TargetContext } from '../../shared/targets/target.ts';
import type { TargetsDeps } from './deps.ts';
import { isKnown, withIntent } from './intents.ts';
import { firstDelay } from './observe-delay.ts';
import { noteFailure } from './outcome.ts';
import { repeatedly } from './repeatedly.ts';
import { withinStage } from './within-stage.ts';
import { openWork, type Work } from './work.ts';

/** The release has one token; a retry of the state replaces it. */
export const RELEASE_ROUND = 0;

/** Places the artifact at the target. Answers at once, or leaves it to `observe` where the platform reports later. */
export async function release(
  deps: TargetsDeps,
  call: z.infer<typeof releaseState>,
  signal: AbortSignal,
): Promise<void> {
  const { deploymentId: id } = call;
  const deployment = await unlessEnding(deps.machine, call, () =>
    beginStage(deps.store, id, 'release', call),
  );
  if (deployment === undefined) return;
  const answered = await storeToken(deps.store, deps.machine, id, 'release', RELEASE_ROUND, offeredBy(call));
  if (answered === 'sent') return;
  const error = await place(deps, deployment, withinStage(deps, deployment, signal));
  if (error === 'pending') return;
  const ok = error === undefined;
  const at = { deploymentId: id, stage: 'release', round: RELEASE_ROUND, token: call.taskToken } as const;
  await answerCaller(deps.store, deps.machine, at, ok ? { ok } : { ok, code: error });
}

/** Undefined where the release is placed, else the code of the failure that was noted. */
async function place(
  deps: TargetsDeps,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<'pending' | string | undefined> {
  if (stageDone(deployment, 'release')) return undefined;
  let work: Work | undefined;
  try {
    const attempt = stageOf(deployment, 'release')?.attempts ?? 1;
    work = await openWork(deps, deployment, { step: 'release', producer: `release.${attempt}`, signal });
    return await startIn(deps, work);
  } catch (error) {
    return (await noteFailure(deps, deployment, 'release', error, { log: work?.log, signal })).code;
  } finally {
    await work?.log.settled();
  }
}

async function startIn(deps: TargetsDeps, work: Work): Promise<'pending' | undefined> {
  const { target, ctx, deployment, log } = work;
  if (preCalls(deployment.snapshot).length > 0) await (await import('./hooks.ts')).callPreHooks(deps, work);
  await repeatedly(deps, work, 'release', () => target.prepare(ctx));
  const started = target.capabilities.staging
    ? await repeatedly(deps, work, 'release', () => target.start(ctx))
    : await withIntent(
        deps,
        work,
        'start',
        (changing) => startLive(deps, work, changing),
        // Without an answer there is no id of the release to go on with, whatever is served.
        () => Promise.resolve(undefined),
      );
  await keepStarted(deps, deployment.id, started);
  if (started.state === 'done') {
    log.add('info', `Release ${started.releaseId} is at the target.`);
    await finishStage(deps.store, deployment.id, 'release');
    return undefined;
  }
  log.add('info', `Release ${started.releaseId} was begun; waiting until the target reports it ready.`);
  await deps.observeLater(
    { op: 'observe', contract: STEP_CONTRACT, deploymentId: deployment.id, attempt: 1 },
    firstDelay,
  );
  return 'pending';
}

/**
 * Where a start is live at once, a lost answer is followed by a look at what is served; where nothing can be seen,
 * it is not asked for again, and the settlement finds out what became of it.
 */
function startLive(deps: TargetsDeps, work: Work, ctx: TargetContext): Promise<Started> {
  const { target, log } = work;
  const look = async (error: SlipwayError): Promise<boolean> => {
    if (isKnown(error)) return true;
    try {
      const { deploymentId } = await target.serving(ctx);
      log.add('info', `Nothing came back; the target serves ${deploymentId ?? 'nothing of ours'}.`);
      return true;
    } catch {
      return false;
    }
  };
  return repeatedly(deps, { ...work, ctx }, 'release', () => target.start(ctx), look);
}

/**
 * On the record before anything else, also while a settlement has begun: its cancel needs the id, and whoever is
 * to go back to this release needs it later.
 */
function keepStarted(deps: TargetsDeps, id: string, { releaseId, stagedUrl }: Started): Promise<Deployment> {
  return changeWith(deps.store, id, (current) => {
    const known =
      current.releaseId === releaseId && (stagedUrl === undefined || current.previewUrls.includes(stagedUrl));
    if (known || isTerminal(current.status)) return undefined;
    return { releaseId, previewUrls: stagedUrl === undefined ? current.previewUrls : [stagedUrl] };
  });
}
