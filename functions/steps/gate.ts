import type * as z from 'zod/mini';
import type { gateState } from '../../shared/contracts/steps.ts';
import { asDeploymentError } from '../../shared/domain/deployment-errors.ts';
import type { Deployment, DeploymentSource } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { InternalError } from '../../shared/errors/requests.ts';
import { ConditionFailed } from '../../shared/errors/store.ts';
import { beginStage, failStage, requireDeployment, stageDone } from '../../shared/store/deployments.ts';
import { offeredBy, unlessEnding } from '../../shared/store/enter-state.ts';
import { answerCaller, answerStage, type StageAnswer, storeToken } from '../../shared/store/task-tokens.ts';
import type { StepsDeps } from './deps.ts';
import { gateFacts } from './gate/facts.ts';
import { moment } from './gate/moment.ts';
import type { GateFacts, GateRule, GateWait } from './gate/rule.ts';
import { RULES } from './gate/rules.ts';
import { goOnWaiting } from './gate/wait.ts';
import { passGate } from './pass-gate.ts';
import { pinSource } from './pin-source.ts';

/** Somebody else changed the deployment while the gate looked; it looks again this often. */
const LOOKS = 10;

/** The machine has reached the gate: keep its token, then look whether anything is to be waited for. */
export async function enterGate(deps: StepsDeps, call: z.infer<typeof gateState>): Promise<void> {
  const { deploymentId: id } = call;
  const begun = await unlessEnding(deps.machine, call, () => beginStage(deps.store, id, 'gate', call));
  if (begun === undefined) return;
  await storeToken(deps.store, deps.machine, id, 'gate', 0, offeredBy(call));
  await lookAtGate(deps, id, call.taskToken);
}

/**
 * Looks at everything a deployment may have to wait for, and passes or goes on waiting. Run again for each `wake`;
 * only this function answers the gate's token.
 *
 * @param token where the machine itself has called for this look
 */
export async function lookAtGate(deps: StepsDeps, deploymentId: string, token?: string): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const deployment = await requireDeployment(deps.store, deploymentId);
    if (isTerminal(deployment.status) || deployment.settling !== undefined) return;
    const answer = await verdictOn(deps, deployment);
    if (answer === 'again') continue;
    if (answer !== 'waiting') await answerGate(deps, deploymentId, token, answer);
    return;
  }
  throw new InternalError(`The gate of ${deploymentId} was overtaken ${LOOKS} times.`);
}

const answerGate = (
  { store, machine }: StepsDeps,
  id: string,
  token: string | undefined,
  answer: StageAnswer,
) =>
  token === undefined
    ? answerStage(store, machine, id, 'gate', 0, answer)
    : answerCaller(store, machine, { deploymentId: id, stage: 'gate', round: 0, token }, answer);

type Verdict = { readonly ok: true } | { readonly ok: false; readonly code: string } | 'waiting' | 'again';

async function verdictOn(deps: StepsDeps, deployment: Deployment): Promise<Verdict> {
  if (stageDone(deployment, 'gate')) return { ok: true };
  if (deployment.failure !== undefined) return { ok: false, code: deployment.failure.code };
  if (deployment.cancelRequested !== undefined) return { ok: false, code: 'Canceled' };
  try {
    // A branch is what it is when its moment has come, so nothing is pinned before.
    if (deployment.status === 'scheduled') {
      const { verdict } = await rulesOn(deps, deployment, deployment.source, [moment]);
      if (verdict !== undefined) return verdict;
    }
    const pinned = await pinSource(deps, deployment);
    if (pinned === 'waiting') return 'waiting';
    const { verdict, facts } = await rulesOn(deps, deployment, pinned, RULES);
    if (verdict !== undefined) return verdict;
    await passGate(deps, facts);
    return { ok: true };
  } catch (error) {
    // What was decided rests on a record that has changed since: decide again.
    if (error instanceof ConditionFailed) return 'again';
    deps.log.error('The gate failed.', { error });
    const failure = asDeploymentError(error, 'gate');
    const failed = await failStage(deps.store, deployment.id, failure);
    if (stageDone(failed, 'gate')) return { ok: true };
    await deps.say(deployment.id, 'gate', 'error', failure.message);
    return { ok: false, code: failure.code };
  }
}

/** `verdict` is undefined where every rule passes. */
async function rulesOn(
  deps: StepsDeps,
  deployment: Deployment,
  source: DeploymentSource,
  rules: readonly GateRule[],
): Promise<{ readonly verdict: Verdict | undefined; readonly facts: GateFacts }> {
  const facts = await gateFacts(deps, deployment, source);
  for (const rule of rules) {
    const said = await rule(deps, facts);
    if (said.kind === 'again') return { verdict: 'again', facts };
    if (said.kind === 'wait') {
      await goOnWaiting(deps, facts, said);
      return { verdict: await afterWaiting(deps, facts, said.status), facts };
    }
  }
  return { verdict: undefined, facts };
}

/** Whoever joined the line of a free slot finds out at once who is first. */
async function afterWaiting(
  deps: StepsDeps,
  { deployment, slot, line }: GateFacts,
  now: GateWait['status'],
): Promise<Verdict> {
  // A freeze that was deleted between the look and the note of it has woken only what was noted before.
  if (now === 'held' && deployment.status !== 'held') return 'again';
  const stood = line.some(({ deploymentId }) => deploymentId === deployment.id);
  if (stood || slot.owner !== undefined) return 'waiting';
  const { status } = await requireDeployment(deps.store, deployment.id);
  return status === 'queued' ? 'again' : 'waiting';
}
