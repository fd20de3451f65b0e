import { commandsUpTo, runEnded } from '../domain/hook-runs.ts';
import type { Deployment, DeploymentError } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeWith, type DeploymentChanges } from './deployment-changes.ts';
import { stageDone, withHooks, withStage } from './stage-records.ts';

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
