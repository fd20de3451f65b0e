import type * as z from 'zod/mini';
import type { activateState } from '../../shared/contracts/steps.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { finishStage, getDeployment, stageDone, stageOf } from '../../shared/store/deployments.ts';
import { offeredBy, unlessEnding } from '../../shared/store/enter-state.ts';
import { beginRound, goesOn, hasGoneOn } from '../../shared/store/rounds.ts';
import { answerCaller, type StageAnswer, storeToken } from '../../shared/store/task-tokens.ts';
import type { TargetsDeps } from './deps.ts';
import { noteFailure } from './outcome.ts';
import { takeStep } from './steps.ts';
import { withinStage } from './within-stage.ts';
import { openWork, type Work } from './work.ts';

/**
 * One round of the activation: traffic moves, is read back and checked. Forward only: whatever fails is noted and
 * answered, and the settlement goes back. What bakes is answered later: by a person, or by the check at its end.
 */
export async function activate(
  deps: TargetsDeps,
  call: z.infer<typeof activateState>,
  untilCut: AbortSignal,
): Promise<void> {
  const { deploymentId: id } = call;
  const deployment = await unlessEnding(deps.machine, call, () => beginRound(deps.store, id, call));
  if (deployment === undefined) return;
  const round = deployment.activation?.round ?? 0;
  const answered = await storeToken(deps.store, deps.machine, id, 'activate', round, offeredBy(call));
  if (answered === 'sent') return;
  const answer = await carryOut(deps, deployment, withinStage(deps, deployment, untilCut));
  if (answer === 'baking') return;
  const at = { deploymentId: id, stage: 'activate', round, token: call.taskToken } as const;
  await answerCaller(deps.store, deps.machine, at, answer);
}

/** Only an execution of a machine that has no state for hooks comes here with one. */
const beganBeforeHooks = () =>
  new StageFailed('HOOK_FAILED', 'It was started by a release of the service that runs no post hooks.', {
    fault: 'service',
    suggestion: 'Deploy again: what is started now runs them.',
  });

/** Somebody promoted the last step: its visitors are all there already, only the bake was cut short. */
const finishPromoted = (deps: TargetsDeps, { id, rollout }: Deployment): Promise<Deployment> =>
  finishStage(deps.store, id, 'activate', {
    message: `Promoted by ${rollout?.promoted?.by ?? 'somebody'} before the end of its bake.`,
    facts: rollout === undefined ? {} : { rollout: { ...rollout, until: undefined } },
  });

async function carryOut(
  deps: TargetsDeps,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<StageAnswer | 'baking'> {
  if (stageDone(deployment, 'activate')) return { ok: true };
  // Noted by a check of the round before, while somebody promoted it.
  if (deployment.failure !== undefined) return { ok: false, code: deployment.failure.code };
  const { activation } = deployment;
  // Whoever noted that died before the answer. What has passed its checks is not put to them once more.
  if (activation?.passed === true) return goesOn(deployment);
  if (activation?.work === undefined) {
    await finishPromoted(deps, deployment);
    return { ok: true };
  }
  let work: Work | undefined;
  try {
    const attempt = stageOf(deployment, 'activate')?.attempts ?? 1;
    const producer = `activate.${activation.round}.${attempt}`;
    if (activation.work.kind === 'hook') throw beganBeforeHooks();
    work = await openWork(deps, deployment, { step: 'activate', producer, signal });
    return await takeStep(deps, work, activation.round, activation.work.step);
  } catch (error) {
    const now = await getDeployment(deps.store, deployment.id);
    // Another run of the same state came through: this late one says nothing about what has passed.
    if (now !== undefined && hasGoneOn(now, activation.round)) return goesOn(now);
    const { code } = await noteFailure(deps, deployment, 'activate', error, { log: work?.log, signal });
    return { ok: false, code };
  } finally {
    await work?.log.settled();
  }
}
