import type { Deployment } from '../../shared/domain/records.ts';
import { cancelJob, jobsOf } from '../../shared/store/jobs.ts';
import type { Occasion } from './begin-settlement.ts';
import type { StepsDeps } from './deps.ts';

/** Stops what still works for a deployment that is ending: its execution, unless that is who calls, and its jobs. */
export async function releaseWork(
  deps: StepsDeps,
  deployment: Deployment,
  occasion: Occasion,
): Promise<void> {
  const { executionArn } = deployment;
  const caller = occasion.kind === 'machine' ? occasion.entry.executionArn : undefined;
  if (executionArn !== undefined && executionArn !== caller) {
    await deps.machine.stop(executionArn, `Slipway settles ${deployment.id}`);
  }
  for (const job of await jobsOf(deps.store, deployment.id)) {
    if (job.state !== 'offered' && job.state !== 'claimed') continue;
    await cancelJob(deps.store, job.jobKey);
    if (job.runner.kind === 'agent') await deps.announceCancel(job.jobKey, job.runner.label);
  }
  if (deployment.buildId !== undefined) await stopBuild(deps, deployment.buildId);
}

/** A build whose job is gone ends at its next post anyway, so a stop that fails only costs its minutes. */
async function stopBuild(deps: StepsDeps, buildId: string): Promise<void> {
  try {
    await deps.builds.stop(buildId);
  } catch (error) {
    deps.log.warn('A build could not be stopped.', { error, buildId });
  }
}
