import type { JobKind } from '../../shared/contracts/jobs.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import type { Deployment, ProjectSettings } from '../../shared/domain/records.ts';
import { changeWith } from '../../shared/store/deployments.ts';
import { DEFAULT_LABEL, type Job, type JobRunner } from '../../shared/store/job.ts';
import { offerJob } from '../../shared/store/jobs.ts';
import type { StepsDeps } from './deps.ts';

/** A job of the gate must not outlast what people wait for an answer, in seconds. */
const RESOLVE_SECONDS = 120;

/** Where the project's jobs run: what it says, else what the stack says. */
export function runnerFor(settings: ProjectSettings, fallback: JobRunner['kind']): JobRunner {
  const runner = settings.runner ?? { kind: fallback };
  return runner.kind === 'codebuild'
    ? { kind: 'codebuild' }
    : { kind: 'agent', label: ('label' in runner ? runner.label : undefined) ?? DEFAULT_LABEL };
}

/** Offers the job of a stage once, and sees that a runner hears of it. A repeat goes on where the first stopped. */
export async function offerWork(
  deps: StepsDeps,
  deployment: Deployment,
  kind: JobKind,
  runner: JobRunner,
): Promise<Job> {
  const timeouts = resolveTimeouts(deployment.snapshot.timeouts);
  const { job, ticket } = await offerJob(deps.store, {
    deploymentId: deployment.id,
    projectId: deployment.projectId,
    environment: deployment.environment,
    kind,
    round: 0,
    runner,
    timeouts: {
      claimSeconds: timeouts.claimSeconds,
      heartbeatSeconds: timeouts.heartbeatSeconds,
      workSeconds: kind === 'build' ? timeouts.buildSeconds : RESOLVE_SECONDS,
    },
  });
  if (job.state !== 'offered') return job;
  await noteOffer(deps, job);
  if (job.runner.kind === 'agent') {
    await deps.announceJob(job.jobKey, job.runner.label);
  } else if (ticket !== undefined) {
    const buildId = await deps.builds.start({ jobKey: job.jobKey, ticket, apiUrl: deps.apiUrl });
    await changeWith(deps.store, deployment.id, (current) =>
      current.settling === undefined && current.buildId !== buildId ? { buildId } : undefined,
    );
  }
  return job;
}

/** The claim deadline stands in the record before anybody hears of the job, so that an unheard one ends. */
async function noteOffer(deps: StepsDeps, job: Job): Promise<void> {
  await changeWith(deps.store, job.deploymentId, (current) => {
    const ending = current.settling !== undefined || current.cancelRequested !== undefined;
    if (ending || current.deadlines.heartbeat !== undefined || current.deadlines.claim === job.claimDeadline)
      return undefined;
    return {
      deadlines: {
        ...current.deadlines,
        claim: job.claimDeadline,
        // The gate's own time does not run out while a runner may still come and do the job.
        ...(job.kind === 'resolve' ? { stage: job.claimDeadline + job.timeouts.workSeconds * 1000 } : {}),
      },
      note: `waiting for a runner to ${job.kind === 'build' ? 'build' : 'look up the ref'}`,
    };
  });
}
