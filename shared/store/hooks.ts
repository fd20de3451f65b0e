import { addCost } from '../domain/cost.ts';
import { deploymentError, type FailureFacts } from '../domain/deployment-errors.ts';
import { isOpen, runBegun, runEnded, runOf } from '../domain/hook-runs.ts';
import type { Hook } from '../domain/hooks.ts';
import type { Deployment } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import { nextWork, onlyWarns, presentHook } from '../domain/strategy.ts';
import { isoTime } from '../platform/clock.ts';
import type { Machine } from '../platform/machine.ts';
import type { StoreContext } from './context.ts';
import { changeWith, type DeploymentChanges } from './deployment-changes.ts';
import { goesOn, inRound } from './rounds.ts';
import { failureChanges } from './stage-failure.ts';
import { assertGoingOn } from './stage-records.ts';
import { finishStage, HANDOVER_MS } from './stages.ts';
import { answerStage, type StageAnswer } from './task-tokens.ts';

/** How a hook ended. */
export type HookEnd =
  | {
      readonly passed: true;
      readonly message?: string | undefined;
      readonly exitCode?: number | undefined;
      /** Time in CodeBuild. */
      readonly paidBuildSeconds?: number | undefined;
    }
  | { readonly passed: false; readonly failure: Omit<FailureFacts, 'stage'> };

/**
 * The post hook of a round has ended: notes that, and what it means for the deployment, in one write, then answers the
 * round. The first end counts, and every part may be repeated.
 */
export async function endPostHook(
  ctx: StoreContext,
  machine: Machine,
  id: string,
  round: number,
  end: HookEnd,
): Promise<void> {
  const at = isoTime(ctx.clock.now());
  const after = await changeWith(ctx, id, (current) => {
    const hook = inRound(current, round) ? presentHook(current) : undefined;
    if (hook === undefined || !isOpen(runOf(current, 'post', hook.name))) return undefined;
    return ended(current, hook, end, at);
  });
  const answer = await answerTo(ctx, after, round);
  if (answer !== undefined) await answerStage(ctx, machine, id, 'activate', round, answer);
}

function ended(current: Deployment, hook: Hook, end: HookEnd, at: string): DeploymentChanges {
  const { claim: _claim, heartbeat: _heartbeat, ...deadlines } = current.deadlines;
  const next = { ...deadlines, stage: Date.parse(at) + HANDOVER_MS };
  const runs = (status: 'succeeded' | 'warned' | 'failed') => {
    const { message, exitCode } = end.passed ? end : end.failure;
    return {
      hooks: runEnded(current, 'post', hook.name, { status, message, exitCode }, at),
      deadlines: next,
    };
  };
  if (end.passed) {
    const { paidBuildSeconds: buildSeconds } = end;
    const paid = buildSeconds === undefined ? {} : { cost: addCost(current.cost, { buildSeconds }) };
    return { ...runs('succeeded'), ...paid };
  }
  if (!onlyWarns(current)) {
    const error = deploymentError({ ...end.failure, stage: 'activate' });
    return { ...runs('failed'), ...failureChanges(current, error, at) };
  }
  const { validation } = current;
  const warning = `post hook ${hook.name}: ${firstLine(end.failure.message)}`;
  return { ...runs('warned'), validation: { ...validation, warnings: [...validation.warnings, warning] } };
}

/** Undefined where nobody waits for it: the machine has gone on, or the hook has not ended. */
async function answerTo(
  ctx: StoreContext,
  deployment: Deployment,
  round: number,
): Promise<StageAnswer | undefined> {
  const { id, status, settling, cancelRequested, failure, activation } = deployment;
  if (failure !== undefined) return { ok: false, code: failure.code };
  if (isTerminal(status) || settling !== undefined || cancelRequested !== undefined)
    return { ok: false, code: 'CANCELED' };
  const hook = presentHook(deployment);
  if (activation?.round !== round || hook === undefined) return undefined;
  if (isOpen(runOf(deployment, 'post', hook.name))) return undefined;
  if (nextWork(deployment) !== undefined) return goesOn(deployment);
  await finishStage(ctx, id, 'activate');
  return { ok: true };
}

/** A hook that the release makes begins. @throws FenceLost where the deployment is ending: nobody is called any more */
export function beginPreCall(ctx: StoreContext, id: string, name: string): Promise<Deployment> {
  const at = isoTime(ctx.clock.now());
  return changeWith(ctx, id, (current) => {
    assertGoingOn(current);
    const hooks = runBegun(current, 'pre', name, at);
    return hooks === undefined ? undefined : { hooks };
  });
}

/** It has ended; that the stage failed with it is noted by whoever ends the stage. */
export function endPreCall(
  ctx: StoreContext,
  id: string,
  name: string,
  outcome: { readonly passed: boolean; readonly message: string },
): Promise<Deployment> {
  const at = isoTime(ctx.clock.now());
  const { passed, message } = outcome;
  const status = passed ? 'succeeded' : 'failed';
  return changeWith(ctx, id, (current) => {
    if (isTerminal(current.status)) return undefined;
    const hooks = runEnded(current, 'pre', name, { status, message }, at);
    return hooks === undefined ? undefined : { hooks };
  });
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
