import { resolveTimeouts } from '../domain/deadlines.ts';
import { advance } from '../domain/progress.ts';
import type { Deployment } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { changeWith, type DeploymentChanges } from './deployment-changes.ts';
import { presentJobKey } from './keys.ts';
import { isEnding, withHooks } from './stage-records.ts';

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
