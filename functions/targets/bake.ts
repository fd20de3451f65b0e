import { getDeployment, stageDone } from '../../shared/store/deployments.ts';
import { goesOn, inRound, promotedRound } from '../../shared/store/rounds.ts';
import { answerStage, type StageAnswer } from '../../shared/store/task-tokens.ts';
import type { BakeCall, TargetsDeps } from './deps.ts';
import { noteFailure } from './outcome.ts';
import { endStep, lookAfterBake } from './steps.ts';
import { checkLive, readBack } from './traffic.ts';
import { withinStage } from './within-stage.ts';
import { openWork, type Work } from './work.ts';

/**
 * A step has baked for its time: is it still served as it should be, and does it pass its check? Then the machine
 * goes on. A message that comes twice, or for a round that is over, does nothing.
 */
export async function endBake(
  deps: TargetsDeps,
  { deploymentId: id, round }: BakeCall,
  untilCut: AbortSignal,
): Promise<void> {
  const deployment = await getDeployment(deps.store, id);
  if (deployment === undefined || !inRound(deployment, round)) return;
  const answer = (given: StageAnswer) => answerStage(deps.store, deps.machine, id, 'activate', round, given);
  // Whoever finished it died before the answer was written.
  if (stageDone(deployment, 'activate')) return void (await answer({ ok: true }));
  if (deployment.activation?.passed === true) return void (await answer(goesOn(deployment)));
  const { rollout } = deployment;
  if (rollout?.until === undefined || promotedRound(deployment) === round) return;
  if (Date.parse(rollout.until) > deps.store.clock.now())
    return lookAfterBake(deps, id, round, Date.parse(rollout.until));
  const signal = withinStage(deps, deployment, untilCut);
  let work: Work | undefined;
  try {
    work = await openWork(deps, deployment, { step: 'activate', producer: `bake.${round}`, signal });
    work.log.add('info', `Step ${rollout.step + 1} has baked for its time; looking at it again.`);
    const serving = await readBack(work, rollout.weight);
    const message = await checkLive(deps, work);
    await answer(await endStep(deps, deployment, { message, serving }));
  } catch (error) {
    const now = await getDeployment(deps.store, id);
    // Somebody promoted the step meanwhile, and the next one looks by itself.
    if (now === undefined || !inRound(now, round)) return;
    const { code } = await noteFailure(deps, deployment, 'activate', error, { log: work?.log, signal });
    await answer({ ok: false, code });
  } finally {
    await work?.log.settled();
  }
}
