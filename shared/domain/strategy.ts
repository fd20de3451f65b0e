import type { Hook } from './hooks.ts';
import type { Deployment, TargetKind } from './records.ts';
import { isTerminal } from './status.ts';

/** How traffic moves from what is live to the new release. What a target can do of it, its capabilities say. */
export const STRATEGIES = ['all-at-once', 'blue-green', 'canary', 'rolling'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What each kind of target can do. None of these has instances that could be replaced one by one. */
export const TARGET_STRATEGIES: Readonly<Record<TargetKind, readonly Strategy[]>> = {
  site: ['all-at-once', 'blue-green', 'canary'],
  custom: ['all-at-once'],
};

/** A part of the way: so many of the visitors get the new release, for so long, before anything goes on. */
export interface StrategyStep {
  /** Percent of the visitors, 1-100. */
  readonly weight: number;
  /** Seconds; 0: goes on as soon as the check has passed. */
  readonly bakeSeconds: number;
}

export const MAX_STEPS = 10;
/** A day at the most: what bakes keeps its environment's slot. In seconds. */
export const BAKE = { default: 300, min: 0, max: 86_400 } as const;
const CANARY_WEIGHTS = [10, 50, 100] as const;

/** How traffic has moved so far. Present from the first switch of a strategy that takes steps on. */
export interface Rollout {
  /** Those of the request, or fewer: without anything live there is nobody to share visitors with. */
  readonly steps: readonly StrategyStep[];
  /** The step that was begun last, from 0. */
  readonly step: number;
  /** Percent of the visitors that get this deployment's release, as the target has confirmed. */
  readonly weight: number;
  /** End of the present bake (ISO); absent while traffic moves. */
  readonly until?: string | undefined;
  /** Somebody did not want to wait for the end of the bake; which round's, so that it counts for no other. */
  readonly promoted?:
    | { readonly round: number; readonly at: string; readonly by: string; readonly all: boolean }
    | undefined;
}

/**
 * Where the activation stands. It goes through the Activate state in rounds, each with a task token of its own, so
 * that what was answered to one round can never be read as the answer to the next.
 */
export interface Activation {
  readonly round: number;
  /** When the machine entered the state for this round (ISO): a retry of the state is the same round again. */
  readonly enteredAt: string;
  /** Absent: nothing is left to do, the round only ends the stage. */
  readonly work?: RoundWork | undefined;
  /** Its last step has passed the live checks; post hooks follow. */
  readonly passed?: boolean | undefined;
}

/** What a round does: it moves traffic, or runs one post hook. */
export type RoundWork =
  | { readonly kind: 'step'; readonly step: number }
  /** Its place among the post hooks, from 0. */
  | { readonly kind: 'hook'; readonly hook: number };

interface StepRequest {
  readonly weight: number;
  readonly bakeSeconds?: number | undefined;
}

/** Does traffic move in steps that people can promote and abort? */
export const takesSteps = (strategy: Strategy): boolean => strategy === 'canary' || strategy === 'blue-green';

/** The steps of a strategy, with what the request left open. */
export function stepsOf(strategy: Strategy, given?: readonly StepRequest[]): readonly StrategyStep[] {
  const asked = given ?? (strategy === 'canary' ? CANARY_WEIGHTS.map((weight) => ({ weight })) : [ALL]);
  return asked.map(({ weight, bakeSeconds }: StepRequest) => ({
    weight,
    bakeSeconds: bakeSeconds ?? (weight < 100 ? BAKE.default : 0),
  }));
}

const ALL: StepRequest = { weight: 100 };

export interface StepFault {
  /** Below `/steps`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with the steps that somebody asked for; undefined where nothing is. */
export function faultOfSteps(strategy: Strategy, steps: readonly StepRequest[]): StepFault | undefined {
  if (!takesSteps(strategy))
    return { path: [], message: `the strategy ${strategy} takes no steps; canary and blue-green do` };
  if (strategy === 'blue-green' && steps.length > 1)
    return { path: [1], message: 'blue-green switches once; with canary visitors move in steps' };
  for (const [i, { weight }] of steps.entries()) {
    const before = steps[i - 1]?.weight ?? 0;
    if (weight <= before)
      return { path: [i, 'weight'], message: `must be higher than the ${before} of the step before` };
  }
  const last = steps.length - 1;
  if (steps[last]?.weight !== 100)
    return { path: [Math.max(0, last), 'weight'], message: 'the last step must be 100: everybody' };
  return undefined;
}

/** Why a target cannot deploy so, and what to do instead; undefined where it can. */
export function obstacleToStrategy(strategy: Strategy, kind: TargetKind): string | undefined {
  const strategies = TARGET_STRATEGIES[kind];
  if (strategies.includes(strategy)) return undefined;
  const why =
    strategy === 'rolling'
      ? `a ${kind} target has no instances to replace one by one`
      : `${kind} cannot do it`;
  return `strategy ${strategy} is not possible here: ${why}; choose ${strategies.join(' or ')}`;
}

/** Longest time (s) that a deployment bakes, all its steps together. */
export const bakeSecondsOf = (steps: readonly StrategyStep[] = []): number =>
  steps.reduce((sum, { bakeSeconds }) => sum + bakeSeconds, 0);

/**
 * The round that an entry of the Activate state is for: the first, a retry of the one that stands on the record, or
 * the next. `late`: the machine has entered the state again since.
 */
export function roundAt(
  { activation }: Pick<Deployment, 'activation'>,
  enteredAt: string,
): { readonly round: number; readonly repeated: boolean } | 'late' {
  if (activation === undefined) return { round: 0, repeated: false };
  if (enteredAt < activation.enteredAt) return 'late';
  return enteredAt === activation.enteredAt
    ? { round: activation.round, repeated: true }
    : { round: activation.round + 1, repeated: false };
}

/**
 * What comes after the present round: the steps of the strategy, then the post hooks; undefined where nothing does, and
 * the activation is done.
 */
export function nextWork({
  activation,
  rollout,
  snapshot,
}: Pick<Deployment, 'activation' | 'rollout' | 'snapshot'>): RoundWork | undefined {
  if (activation === undefined) return { kind: 'step', step: 0 };
  const { work } = activation;
  if (work === undefined) return undefined;
  if (work.kind === 'hook') return hookAt(snapshot, work.hook + 1);
  const last = (rollout?.steps.length ?? 1) - 1;
  if (work.step >= last) return hookAt(snapshot, 0);
  const { promoted } = rollout ?? {};
  return { kind: 'step', step: promoted?.all === true ? last : work.step + 1 };
}

const hookAt = ({ hooks }: Deployment['snapshot'], hook: number): RoundWork | undefined =>
  hooks?.post[hook] === undefined ? undefined : { kind: 'hook', hook };

/** The post hook that the present round runs; undefined where it moves traffic. */
export function presentHook({
  activation,
  snapshot,
}: Pick<Deployment, 'activation' | 'snapshot'>): Hook | undefined {
  const { work } = activation ?? {};
  return work?.kind === 'hook' ? snapshot.hooks?.post[work.hook] : undefined;
}

/**
 * All traffic has moved and passed its checks for good: what is left are post hooks, of which a failing one is only a
 * warning.
 */
export const onlyWarns = (deployment: Pick<Deployment, 'activation' | 'snapshot'>): boolean =>
  deployment.snapshot.hooks?.onPostFailure === 'warn' &&
  (presentHook(deployment) !== undefined || deployment.activation?.passed === true);

/** Why nobody can promote (or abort) it now, as a sentence; undefined where somebody can. */
export function obstacleToPromote(deployment: Deployment): string | undefined {
  const obstacle = obstacleToAbort(deployment);
  if (obstacle !== undefined) return obstacle;
  const { activation, rollout } = deployment;
  const hook = presentHook(deployment);
  if (hook !== undefined) return `all visitors have its release already; its post hook ${hook.name} runs`;
  if (rollout?.promoted !== undefined && rollout.promoted.round === activation?.round)
    return `${rollout.promoted.by} has promoted this step already`;
  return rollout?.until === undefined ? 'traffic is being moved at this moment' : undefined;
}

/** Like obstacleToPromote: an abort is possible in every moment of a rollout. */
export function obstacleToAbort(deployment: Deployment): string | undefined {
  const { id, status, cancelRequested, settling, failure, rollout, strategy, stages } = deployment;
  if (isTerminal(status)) return `deployment ${id} has ended (${status})`;
  if (cancelRequested !== undefined) return `deployment ${id} is being canceled`;
  if (settling !== undefined || failure !== undefined) return `deployment ${id} is ending`;
  const done = stages.some((one) => one.name === 'activate' && one.status === 'succeeded');
  if (done) return `all visitors of deployment ${id} have its release already`;
  if (rollout !== undefined) return undefined;
  return strategy === 'all-at-once'
    ? `deployment ${id} moves traffic all at once and has no steps`
    : `deployment ${id} has moved no traffic yet`;
}
