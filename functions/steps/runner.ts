import type { JobKind } from '../../shared/contracts/jobs.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { type CommandHook, commandSeconds, preCommands } from '../../shared/domain/hooks.ts';
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

/** A piece of work for a runner. */
export interface Work {
  readonly kind: JobKind;
  readonly round: number;
  /** From the claim to the result. */
  readonly workSeconds: number;
  /** For people: what the runner is waited for to do. */
  readonly to: string;
  readonly withHooks?: boolean;
}

export const RESOLVE_WORK: Work = {
  kind: 'resolve',
  round: 0,
  workSeconds: RESOLVE_SECONDS,
  to: 'look up the ref',
};

/** The build, with the commands of pre hooks in it. */
export function buildWork({ snapshot }: Deployment): Work {
  const commands = preCommands(snapshot);
  const { buildSeconds } = resolveTimeouts(snapshot.timeouts);
  const workSeconds = buildSeconds + commandSeconds(commands);
  const build = { kind: 'build', round: 0, workSeconds, to: 'build' } as const;
  return commands.length === 0 ? build : { ...build, withHooks: true };
}

/** Commands of hooks outside of a build: before anything is changed (round 0), or one in its round of the activation. */
export const hookWork = (round: number, commands: readonly CommandHook[]): Work => ({
  kind: 'hook',
  round,
  workSeconds: commandSeconds(commands),
  to: `run ${commands.map(({ name }) => name).join(', ')}`,
});

/** Offers the job of a stage once, and sees that a runner hears of it. A repeat goes on where the first stopped. */
export async function offerWork(
  deps: StepsDeps,
  deployment: Deployment,
  { to, ...work }: Work,
  runner: JobRunner,
): Promise<Job> {
  const timeouts = resolveTimeouts(deployment.snapshot.timeouts);
  const { job, ticket } = await offerJob(deps.store, {
    deploymentId: deployment.id,
    projectId: deployment.projectId,
    environment: deployment.environment,
    kind: work.kind,
    round: work.round,
    ...(work.withHooks === true ? { withHooks: true } : {}),
    runner,
    timeouts: {
      claimSeconds: timeouts.claimSeconds,
      heartbeatSeconds: timeouts.heartbeatSeconds,
      workSeconds: work.workSeconds,
    },
  });
  if (job.state !== 'offered') return job;
  await noteOffer(deps, job, to);
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
async function noteOffer(deps: StepsDeps, job: Job, to: string): Promise<void> {
  await changeWith(deps.store, job.deploymentId, (current) => {
    const ending = current.settling !== undefined || current.cancelRequested !== undefined;
    const { heartbeat, ...deadlines } = current.deadlines;
    const isNoted = heartbeat !== undefined || deadlines.claim === job.claimDeadline;
    if (ending || (isNoted && current.job === job.jobKey)) return undefined;
    return {
      job: job.jobKey,
      deadlines: {
        ...deadlines,
        claim: job.claimDeadline,
        // The stage's time does not run out while a runner may still come and do the job.
        stage: job.claimDeadline + job.timeouts.workSeconds * 1000,
      },
      note: `waiting for a runner to ${to}`,
    };
  });
}
