import { STEP_CONTRACT } from '../../shared/contracts/steps.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { nextWork, type Rollout, type StrategyStep, stepsOf } from '../../shared/domain/strategy.ts';
import { isoTime } from '../../shared/platform/clock.ts';
import { finishStage } from '../../shared/store/deployments.ts';
import { goesOn, noteMoved, noteRollout } from '../../shared/store/rounds.ts';
import type { StageAnswer } from '../../shared/store/task-tokens.ts';
import type { Serving } from '../../shared/targets/target.ts';
import type { TargetsDeps } from './deps.ts';
import { checkLive, moveTraffic } from './traffic.ts';
import type { Work } from './work.ts';

/** A queue holds a message no longer than this (s); what bakes longer is put into it again. */
const MAX_DELAY_SECONDS = 900;

const EVERYBODY: StrategyStep = { weight: 100, bakeSeconds: 0 };

/** Moves traffic by one step and checks what visitors get. Safe to repeat: a bake that has begun goes on. */
export async function takeStep(
  deps: TargetsDeps,
  work: Work,
  round: number,
  index: number,
): Promise<StageAnswer | 'baking'> {
  const { deployment, log } = work;
  const steps = wayOf(work);
  const step = steps[index] ?? EVERYBODY;
  const begun = deployment.rollout;
  if (begun?.step === index && begun.until !== undefined) {
    await lookAfterBake(deps, deployment.id, round, Date.parse(begun.until));
    return 'baking';
  }
  const serving = await moveTraffic(deps, work, step.weight);
  const message = await checkLive(deps, work);
  if (deployment.strategy === 'all-at-once') return endStep(deps, deployment, { message, serving });
  const until = deps.store.clock.now() + step.bakeSeconds * 1000;
  const blue = await linkToPrevious(work);
  const rollout: Rollout = {
    steps,
    step: index,
    weight: step.weight,
    ...(step.bakeSeconds > 0 ? { until: isoTime(until) } : {}),
  };
  const note = noteOn(rollout);
  log.add('info', note);
  const noted = await noteRollout(deps.store, deployment.id, round, rollout, {
    note,
    url: serving.url,
    previewUrl: blue,
  });
  if (rollout.until !== undefined) {
    await lookAfterBake(deps, deployment.id, round, until);
    return 'baking';
  }
  return endStep(deps, noted, { message, serving });
}

/** The steps that it goes; without anything live there is nobody to share the visitors with. */
function wayOf({ deployment, target, ctx, log }: Work): readonly StrategyStep[] {
  const { rollout, strategy, steps = stepsOf(strategy) } = deployment;
  if (rollout !== undefined) return rollout.steps;
  if (steps.length === 1) return steps;
  if (ctx.previous !== undefined && target.shift !== undefined) return steps;
  log.add('info', 'Nothing is live yet, so there are no visitors to move in steps.');
  return steps.slice(-1);
}

/** Blue stays addressable after green went live, by a link. */
async function linkToPrevious({ deployment, target, ctx, log }: Work): Promise<string | undefined> {
  if (deployment.strategy !== 'blue-green' || ctx.previous === undefined) return undefined;
  const link = await target.previewLink?.(ctx, ctx.previous.releaseId);
  if (link !== undefined) log.add('info', 'What was live before stays addressable: see the preview links.');
  return link;
}

function noteOn({ steps, step, weight, until }: Rollout): string {
  const share = weight === 100 ? 'All visitors get' : `${weight} % of the visitors get`;
  const end = until === undefined ? '' : `, until ${until} unless it is promoted or aborted`;
  return `${share} this release (step ${step + 1} of ${steps.length})${end}.`;
}

/** What a step ended with. */
export interface StepEnd {
  readonly message: string;
  readonly serving: Serving;
}

/** The step has done well: the machine goes on to the next one, or the stage is done. */
export async function endStep(
  deps: TargetsDeps,
  deployment: Deployment,
  { message, serving: { url } }: StepEnd,
): Promise<StageAnswer> {
  const next = nextWork(deployment);
  if (next?.kind === 'hook')
    await noteMoved(deps.store, deployment.id, deployment.activation?.round ?? 0, { message, url });
  if (next !== undefined) return goesOn(deployment);
  const { rollout } = deployment;
  await finishStage(deps.store, deployment.id, 'activate', {
    message,
    facts: {
      ...(url === undefined ? {} : { url }),
      ...(rollout === undefined ? {} : { rollout: { ...rollout, until: undefined } }),
    },
  });
  return { ok: true };
}

/** Has the end of a bake looked at when it comes. Waiting costs nothing: the message stays in its queue. */
export async function lookAfterBake(
  deps: TargetsDeps,
  deploymentId: string,
  round: number,
  until: number,
): Promise<void> {
  const seconds = Math.ceil((until - deps.store.clock.now()) / 1000);
  await deps.observeLater(
    { op: 'bake', contract: STEP_CONTRACT, deploymentId, round },
    Math.min(MAX_DELAY_SECONDS, Math.max(0, seconds)),
  );
}
