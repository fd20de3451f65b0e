import type * as z from 'zod/mini';
import type { reapCall } from '../../shared/contracts/steps.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { isOpen, runOf } from '../../shared/domain/hook-runs.ts';
import { hookStep } from '../../shared/domain/hooks.ts';
import { failureFor } from '../../shared/domain/reaping.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { onlyWarns, presentHook } from '../../shared/domain/strategy.ts';
import { getDeployment, noteClaim } from '../../shared/store/deployments.ts';
import { lastHeard } from '../../shared/store/heartbeats.ts';
import { endPostHook } from '../../shared/store/hooks.ts';
import { cancelJob, claimNote, getJob, loseJob } from '../../shared/store/jobs.ts';
import { presentJobKey } from '../../shared/store/keys.ts';
import { stopCanceled } from './cancel.ts';
import type { StepsDeps } from './deps.ts';
import { settleDeployment } from './settle.ts';

/** A result is written and moves its deployment in one request; this long after it that request is over (ms). */
const UNTOLD_MS = 60_000;

/**
 * Settles what somebody outside the machine saw die. What was seen may be old: everything that can be looked at
 * again is, before a living deployment is ended.
 */
export async function reap(deps: StepsDeps, call: z.infer<typeof reapCall>): Promise<void> {
  const deployment = await getDeployment(deps.store, call.deploymentId);
  if (deployment === undefined) return;
  if (!(await isTrue(deps, deployment, call.reason))) return;
  if (call.reason === 'cancel') return stopCanceled(deps, deployment);
  if (await gaveHookUp(deps, deployment, call.reason)) return;
  await settleDeployment(deps, deployment.id, { kind: 'reap', reason: call.reason });
}

type Reason = z.infer<typeof reapCall>['reason'];

/** What ends the hook of the present round, and nothing else where a failing hook is only a warning. */
const HOOK_ENDS: readonly Reason[] = ['claim-deadline', 'runner-lost', 'stage-deadline'];

/** A hook whose failure only warns is given up in place of the deployment. */
async function gaveHookUp(deps: StepsDeps, deployment: Deployment, reason: Reason): Promise<boolean> {
  const { id, activation, settling, cancelRequested } = deployment;
  const isOver = settling !== undefined || cancelRequested !== undefined;
  if (isOver || activation === undefined || !HOOK_ENDS.includes(reason) || !onlyWarns(deployment))
    return false;
  const failure = failureFor(deployment, reason);
  const hook = presentHook(deployment);
  // Where it has ended already it is the machine that does not go on.
  if (failure === undefined || hook === undefined || !isOpen(runOf(deployment, 'post', hook.name)))
    return false;
  const jobKey = presentJobKey(deployment);
  const job = hook.type === 'command' ? await getJob(deps.store, jobKey) : undefined;
  if (job !== undefined) await cancelJob(deps.store, jobKey);
  if (job?.runner.kind === 'agent') await deps.announceCancel(jobKey, job.runner.label);
  await deps.say(id, hookStep(hook.name), 'warn', `${failure.message} The deployment goes on.`);
  await endPostHook(deps.store, deps.machine, id, activation.round, { passed: false, failure });
  return true;
}

function isTrue(deps: StepsDeps, deployment: Deployment, reason: Reason) {
  if (deployment.settling !== undefined) return true;
  if (reason === 'execution-ended') return executionEnded(deps, deployment);
  if (reason === 'claim-deadline') return unclaimed(deps, deployment);
  if (reason === 'runner-lost') return runnerLost(deps, deployment);
  return true;
}

async function executionEnded(deps: StepsDeps, { executionArn }: Deployment): Promise<boolean> {
  return executionArn === undefined || (await deps.machine.state(executionArn)) !== 'running';
}

/** A claim whose note on the deployment was lost is noted now, and the deployment lives. */
async function unclaimed(deps: StepsDeps, deployment: Deployment): Promise<boolean> {
  const job = await getJob(deps.store, presentJobKey(deployment));
  if (job?.state !== 'claimed') return job?.state !== 'finished';
  await noteClaim(deps.store, deployment.id, claimNote(job));
  return false;
}

/**
 * The job is taken from its runner first: a result that came in time counts, one that comes later is `gone`. A
 * result that was written and did not move the deployment is its runner's to send again; a silent runner does not.
 */
async function runnerLost(deps: StepsDeps, deployment: Deployment): Promise<boolean> {
  const jobKey = presentJobKey(deployment);
  const { heartbeatSeconds } = resolveTimeouts(deployment.snapshot.timeouts);
  const now = deps.store.clock.now();
  const silentSince = now - heartbeatSeconds * 1000;
  // A result is given its time, however short a silence counts.
  const heard = (await lastHeard(deps.store, jobKey, Math.min(silentSince, now - UNTOLD_MS))) ?? 0;
  if (heard > silentSince) return false;
  const job = await getJob(deps.store, jobKey);
  if (job === undefined) return false;
  if (job.state === 'finished') return heard + UNTOLD_MS <= now;
  return (await loseJob(deps.store, jobKey)).state === 'lost';
}
