import { wordsOf } from '../../shared/domain/cancellation.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { presentHook } from '../../shared/domain/strategy.ts';
import { jobsOf } from '../../shared/store/jobs.ts';
import type { StepsDeps } from './deps.ts';
import { settleDeployment } from './settle.ts';

/**
 * Somebody wished that a deployment ends (rule 8). An agent that builds or runs a hook is told, and has the time up to the wish's
 * deadline to say that its processes are gone: its answer ends the stage, and the machine settles. Everything else
 * is stopped and settled at once.
 */
export async function stopCanceled(deps: StepsDeps, deployment: Deployment): Promise<void> {
  const { id, cancelRequested, settling, stage } = deployment;
  if (cancelRequested !== undefined && settling === undefined) {
    await deps.say(id, stage, 'warn', `Canceling, ${wordsOf(cancelRequested)}`);
    if (await toldAgent(deps, deployment)) return;
  }
  await settleDeployment(deps, id, { kind: 'reap', reason: 'cancel' });
}

async function toldAgent(deps: StepsDeps, deployment: Deployment): Promise<boolean> {
  const { id, stage } = deployment;
  if (stage !== 'build' && presentHook(deployment)?.type !== 'command') return false;
  for (const { state, kind, runner, jobKey } of await jobsOf(deps.store, id)) {
    if (state !== 'claimed' || kind === 'resolve' || runner.kind !== 'agent') continue;
    await deps.announceCancel(jobKey, runner.label);
    return true;
  }
  return false;
}
