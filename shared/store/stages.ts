import { addCost } from '../domain/cost.ts';
import { resolveTimeouts } from '../domain/deadlines.ts';
import { commandsUpTo, runEnded } from '../domain/hook-runs.ts';
import { advance, PROGRESS } from '../domain/progress.ts';
import type { Deployment, DeploymentError, StageRecord } from '../domain/records.ts';
import { isTerminal, mayFollow, type OpenStatus, type Stage, type StageOrSettle } from '../domain/status.ts';
import type { Activation } from '../domain/strategy.ts';
import { FenceLost } from '../errors/deployments.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeWith, type DeploymentChanges } from './deployment-changes.ts';
import { presentJobKey } from './keys.ts';

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

/** How the machine got into a state: orders tokens, counts transitions. */
export interface Entry {
  readonly executionArn: string;
  /** ISO time at which the state was entered; the same for each retry of the state. */
  readonly enteredAt: string;
}

/** Counts a state that was entered, each entry once however often its function runs. */
export function counted(deployment: Deployment, state: StageOrSettle, entry: Entry): DeploymentChanges {
  if (deployment.entered[state] === entry.enteredAt) return {};
  return {
    entered: { ...deployment.entered, [state]: entry.enteredAt },
    cost: addCost(deployment.cost, { transitions: 1 + choicesBefore(deployment, state) }),
  };
}

/** Behind each round of the activation the machine passes a Choice, which no function sees. */
function choicesBefore(deployment: Deployment, state: StageOrSettle): number {
  const behindRound =
    (state === 'activate' && deployment.activation !== undefined) ||
    (state === 'settle' && stageDone(deployment, 'activate'));
  return behindRound ? 1 : 0;
}

/** Changes one stage's record, keeping the others and their order. */
export function withStage(
  deployment: Deployment,
  name: StageOrSettle,
  change: (record: StageRecord) => StageRecord,
): readonly StageRecord[] {
  const present = deployment.stages.find((record) => record.name === name);
  const next = change(present ?? { name, status: 'pending', attempts: 0 });
  return present === undefined
    ? [...deployment.stages, next]
    : deployment.stages.map((record) => (record === present ? next : record));
}

export const stageOf = (deployment: Deployment, name: StageOrSettle): StageRecord | undefined =>
  deployment.stages.find((record) => record.name === name);

/** Has this stage done its work (or said that there was none)? A repeated state then only repeats its answer. */
export function stageDone(deployment: Deployment, name: Stage): boolean {
  const status = stageOf(deployment, name)?.status;
  return status === 'succeeded' || status === 'skipped';
}

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

/**
 * Records why the deployment fails, once: the first failure is the reason, what follows are consequences. A stage
 * that is done does not fail any more: it was a late attempt that failed, beside the one that did the work.
 */
export function failStage(
  ctx: StoreContext,
  id: string,
  error: DeploymentError,
  facts: {
    /** The command of a hook that it failed in. */
    readonly preHook?: string | undefined;
  } = {},
): Promise<Deployment> {
  const at = isoTime(ctx.clock.now());
  return changeWith(ctx, id, (current) => {
    const failed = failureChanges(current, error, at);
    if (failed === undefined || facts.preHook === undefined) return failed;
    const { preHook } = facts;
    const hooks = commandsUpTo(current, preHook, at) ?? current.hooks;
    const { message, exitCode } = error;
    const ended = runEnded({ hooks }, 'pre', preHook, { status: 'failed', message, exitCode }, at);
    return { ...failed, ...withHooks(ended ?? hooks) };
  });
}

const withHooks = (hooks: Deployment['hooks']) => (hooks === undefined ? {} : { hooks });

/** What is written where a stage fails; undefined where that is no reason for the end, or not the first. */
export function failureChanges(
  current: Deployment,
  error: DeploymentError,
  at: string,
): DeploymentChanges | undefined {
  if (isTerminal(current.status) || current.settling !== undefined || current.failure !== undefined)
    return undefined;
  // What breaks after a wish to cancel is its consequence, not the reason for the end.
  if (current.cancelRequested !== undefined) return undefined;
  if (error.stage !== 'settle' && stageDone(current, error.stage)) return undefined;
  return {
    failure: error,
    stages: withStage(current, error.stage, (record) => ({
      ...record,
      status: 'failed',
      finishedAt: at,
      message: error.message,
    })),
  };
}

/** Progress, step and note inside a stage. Nothing where the deployment is ending or nothing changes. */
export function reportProgress(
  ctx: StoreContext,
  id: string,
  report: {
    readonly progress?: number;
    readonly step?: string;
    readonly note?: string;
    /** The runs of hooks as they are now; undefined where nothing is new. */
    readonly hooks?: (current: Deployment) => Deployment['hooks'];
  },
): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    if (isTerminal(current.status) || isEnding(current)) return undefined;
    const progress = advance(current.progress, report.progress ?? 0);
    const currentStep = report.step ?? current.currentStep;
    const note = report.note ?? current.note;
    const hooks = report.hooks?.(current);
    const isKnown =
      progress === current.progress && currentStep === current.currentStep && note === current.note;
    if (isKnown && hooks === undefined) return undefined;
    return { progress, currentStep, note, ...withHooks(hooks) };
  });
}

/** A claim as the deployment has to know of it. */
export interface NotedClaim {
  readonly runner: string;
  readonly jobKey: string;
  /** From the claim on; absent: the stage's time goes on as it was. */
  readonly workSeconds?: number | undefined;
}

/**
 * A runner has claimed the job: the claim deadline goes, the heartbeat counts from now on. Nothing where the deployment
 * waits for another job by now.
 */
export function noteClaim(
  ctx: StoreContext,
  id: string,
  { runner, jobKey, workSeconds }: NotedClaim,
): Promise<Deployment> {
  const now = ctx.clock.now();
  return changeWith(ctx, id, (current) => {
    if (isTerminal(current.status) || isEnding(current)) return undefined;
    if (presentJobKey(current) !== jobKey) return undefined;
    if (current.runner === runner && current.deadlines.heartbeat !== undefined) return undefined;
    const { claim: _claim, ...deadlines } = current.deadlines;
    const { heartbeatSeconds } = resolveTimeouts(current.snapshot.timeouts);
    return {
      runner,
      deadlines: {
        ...deadlines,
        heartbeat: now + heartbeatSeconds * 1000,
        // The work's own time starts with the claim, not while it waited for a runner.
        ...(workSeconds === undefined ? {} : { stage: now + workSeconds * 1000 }),
      },
    };
  });
}

/** Ends a wait of the gate: what it waited for is written together with a raised `wake` (rule 6). */
export function wakeGate(
  ctx: StoreContext,
  id: string,
  facts: (current: Deployment) => DeploymentChanges | undefined,
): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    if (isTerminal(current.status)) return undefined;
    const changes = facts(current);
    return changes === undefined ? undefined : { ...changes, wake: current.wake + 1 };
  });
}

const isEnding = ({ settling, cancelRequested }: Deployment) =>
  settling !== undefined || cancelRequested !== undefined;

/** @throws FenceLost where the deployment is ending */
export function assertGoingOn(deployment: Deployment): void {
  if (!isTerminal(deployment.status) && !isEnding(deployment)) return;
  throw new FenceLost(`Deployment ${deployment.id} is ending; nothing new begins.`, {
    facts: { deploymentId: deployment.id, status: deployment.status },
  });
}

function stageMilliseconds(deployment: Deployment, stage: Stage): number {
  const timeouts = resolveTimeouts(deployment.snapshot.timeouts);
  // A build's own time begins when a runner claims it.
  const waiting = stage === 'build' ? timeouts.claimSeconds : 0;
  return (waiting + timeouts[`${stage}Seconds`]) * 1000;
}
