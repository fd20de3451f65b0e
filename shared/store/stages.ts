import { addCost } from '../domain/cost.ts';
import { resolveTimeouts } from '../domain/deadlines.ts';
import { commandsUpTo } from '../domain/hook-runs.ts';
import { PROGRESS } from '../domain/progress.ts';
import type { Deployment } from '../domain/records.ts';
import { isTerminal, mayFollow, type OpenStatus, type Stage } from '../domain/status.ts';
import type { Activation } from '../domain/strategy.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeWith, type DeploymentChanges } from './deployment-changes.ts';
import { assertGoingOn, counted, type Entry, stageDone, withHooks, withStage } from './stage-records.ts';

/** The status that shows while a stage runs. The gate's depends on what it waits for, so it sets its own. */
const STATUS_IN: Readonly<Record<Exclude<Stage, 'gate'>, OpenStatus>> = {
  build: 'building',
  release: 'deploying',
  verify: 'verifying',
  activate: 'deploying',
};

/** Progress that a stage's end stands for. */
const PROGRESS_AFTER: Readonly<Record<Stage, number>> = {
  gate: PROGRESS.gatePassed,
  build: PROGRESS.built,
  release: PROGRESS.released,
  verify: PROGRESS.verified,
  activate: PROGRESS.liveChecksPassed,
};

/** The machine enters the next state within seconds of a stage's end; past this it is taken for lost (ms). */
export const HANDOVER_MS = 300_000;

/** A round of the activation as it begins. */
export interface BegunRound {
  readonly activation: Activation;
  /** How long it may take; as long as its stage unless given. */
  readonly seconds?: number | undefined;
  /** What else is on the record with it. */
  readonly changes?: DeploymentChanges | undefined;
}

/**
 * A stage starts (or is tried again): status, stage, deadline and one more attempt, in one write.
 * Raises FenceLost where the deployment is ending, so that nothing new begins. A stage that is done stays done.
 */
export function beginStage(
  ctx: StoreContext,
  id: string,
  stage: Stage,
  facts: Entry & {
    readonly step?: string;
    readonly note?: string;
    /** The round that begins, of a stage that has several; another round is no further attempt. */
    readonly round?: (current: Deployment) => BegunRound;
  },
): Promise<Deployment> {
  const now = ctx.clock.now();
  return changeWith(ctx, id, (current) => {
    assertGoingOn(current);
    const entry = counted(current, stage, facts);
    if (stageDone(current, stage)) return Object.keys(entry).length === 0 ? undefined : entry;
    const { activation, seconds, changes } = facts.round?.(current) ?? {};
    const anotherRound = activation !== undefined && activation.round > (current.activation?.round ?? 0);
    const status = stage === 'gate' ? current.status : STATUS_IN[stage];
    return {
      ...entry,
      ...(status !== current.status && mayFollow(current.status, status) && !isTerminal(status)
        ? { status }
        : {}),
      ...(activation === undefined ? {} : { activation }),
      executionArn: facts.executionArn,
      stage,
      currentStep: facts.step ?? stage,
      note: facts.note,
      ...changes,
      startedAt: current.startedAt ?? isoTime(now),
      deadlines: {
        ...current.deadlines,
        stage: now + (seconds === undefined ? stageMilliseconds(current, stage) : seconds * 1000),
      },
      stages: withStage(current, stage, (record) => ({
        ...record,
        status: 'running',
        startedAt: record.startedAt ?? isoTime(now),
        attempts: record.attempts + (anotherRound ? 0 : 1),
      })),
    };
  });
}

/** One more attempt inside a stage that runs. Raises FenceLost where the deployment is ending. */
export function noteAttempt(ctx: StoreContext, id: string, stage: Stage): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    assertGoingOn(current);
    return {
      stages: withStage(current, stage, (record) => ({ ...record, attempts: record.attempts + 1 })),
    };
  });
}

/** What a stage found out, for the record. Progress is raised to the stage's milestone unless given. */
export type StageFacts = Pick<
  DeploymentChanges,
  | 'artifact'
  | 'releaseId'
  | 'url'
  | 'previewUrls'
  | 'source'
  | 'runner'
  | 'buildId'
  | 'currentStep'
  | 'snapshot'
  | 'rollout'
>;

/** A stage did its work, or had none to do (`skipped`, with the reason as message). Repeats change nothing. */
export function finishStage(
  ctx: StoreContext,
  id: string,
  stage: Stage,
  options: {
    readonly skipped?: string;
    readonly message?: string;
    readonly facts?: StageFacts;
    /** Build time that AWS charges for; a team's own runner costs nothing here. */
    readonly paidBuildSeconds?: number;
  } = {},
): Promise<Deployment> {
  const now = ctx.clock.now();
  return changeWith(ctx, id, (current) => {
    if (isTerminal(current.status) || stageDone(current, stage)) return undefined;
    const { stage: _stage, claim: _claim, heartbeat: _heartbeat, ...deadlines } = current.deadlines;
    const message = options.skipped ?? options.message;
    return {
      ...options.facts,
      ...(options.paidBuildSeconds === undefined
        ? {}
        : { cost: addCost(current.cost, { buildSeconds: options.paidBuildSeconds }) }),
      progress: PROGRESS_AFTER[stage],
      // Whoever did the build ran these in it.
      ...(stage === 'build' ? withHooks(commandsUpTo(current, undefined, isoTime(now))) : {}),
      deadlines: { ...deadlines, stage: now + HANDOVER_MS },
      stages: withStage(current, stage, (record) => ({
        ...record,
        status: options.skipped === undefined ? 'succeeded' : 'skipped',
        finishedAt: isoTime(now),
        ...(message === undefined ? {} : { message }),
      })),
    };
  });
}

function stageMilliseconds(deployment: Deployment, stage: Stage): number {
  const timeouts = resolveTimeouts(deployment.snapshot.timeouts);
  // A build's own time begins when a runner claims it.
  const waiting = stage === 'build' ? timeouts.claimSeconds : 0;
  return (waiting + timeouts[`${stage}Seconds`]) * 1000;
}
