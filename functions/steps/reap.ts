import type * as z from 'zod/mini';
import type { reapCall } from '../../shared/contracts/steps.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { getDeployment, noteClaim } from '../../shared/store/deployments.ts';
import { lastBeat } from '../../shared/store/heartbeats.ts';
import { getJob, loseJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
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
  await settleDeployment(deps, deployment.id, { kind: 'reap', reason: call.reason });
}

function isTrue(deps: StepsDeps, deployment: Deployment, reason: z.infer<typeof reapCall>['reason']) {
  if (deployment.settling !== undefined) return true;
  if (reason === 'execution-ended') return executionEnded(deps, deployment);
  if (reason === 'claim-deadline') return unclaimed(deps, deployment);
  if (reason === 'runner-lost') return runnerLost(deps, deployment);
  return true;
}

async function executionEnded(deps: StepsDeps, { executionArn }: Deployment): Promise<boolean> {
  return executionArn === undefined || (await deps.machine.state(executionArn)) !== 'running';
}

const jobKeyIn = ({ id, stage }: Deployment) => jobKeyOf(id, stage === 'gate' ? 'resolve' : 'build', 0);

/** A claim whose note on the deployment was lost is noted now, and the deployment lives. */
async function unclaimed(deps: StepsDeps, deployment: Deployment): Promise<boolean> {
  const job = await getJob(deps.store, jobKeyIn(deployment));
  if (job?.state !== 'claimed') return job?.state !== 'finished';
  await noteClaim(deps.store, deployment.id, job.claim.by);
  return false;
}

/**
 * The job is taken from its runner first: a result that came in time counts, one that comes later is `gone`. A
 * result that was written and did not move the deployment is its runner's to send again; a silent runner does not.
 */
async function runnerLost(deps: StepsDeps, deployment: Deployment): Promise<boolean> {
  const jobKey = jobKeyIn(deployment);
  const heard = await lastBeat(deps.store, jobKey);
  const { heartbeatSeconds } = resolveTimeouts(deployment.snapshot.timeouts);
  const since = heard ?? 0;
  if (since + heartbeatSeconds * 1000 > deps.store.clock.now()) return false;
  const job = await getJob(deps.store, jobKey);
  if (job === undefined) return false;
  if (job.state === 'finished') return since + UNTOLD_MS <= deps.store.clock.now();
  return (await loseJob(deps.store, jobKey)).state === 'lost';
}
