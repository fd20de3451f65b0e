import { delimiter, dirname } from 'node:path';
import type { BuildJob, HookJob } from '../../shared/contracts/jobs.ts';
import { JOB_MARK } from '../process/find.ts';
import type { RunnerSettings } from '../settings.ts';
import type { Workspace } from './workspace.ts';

/**
 * The whole environment of install and build. Nothing of the runner's own is in it, except what its operator
 * passes on; declared variables win over that, the job's facts and folders win over everything.
 */
export function buildEnvironment(
  job: BuildJob,
  settings: RunnerSettings,
  workspace: Workspace,
): Readonly<Record<string, string>> {
  return hookEnvironment(job, settings, workspace);
}

/** The same for commands of hooks where nothing was built; what was uploaded has no commit. */
export function hookEnvironment(
  job: Pick<
    HookJob,
    'variables' | 'projectName' | 'environment' | 'deploymentId' | 'commit' | 'ref' | 'jobId'
  >,
  settings: RunnerSettings,
  workspace: Workspace,
): Readonly<Record<string, string>> {
  return {
    ...machineEnvironment(settings, workspace, job.variables),
    SLIPWAY: 'true',
    SLIPWAY_PROJECT: job.projectName,
    SLIPWAY_ENVIRONMENT: job.environment,
    SLIPWAY_DEPLOYMENT_ID: job.deploymentId,
    ...(job.commit === undefined ? {} : { SLIPWAY_COMMIT: job.commit }),
    SLIPWAY_REF: job.ref,
    [JOB_MARK]: job.jobId,
  };
}

/** The part of it that comes from this machine, whatever the job. */
export const machineEnvironment = (
  settings: RunnerSettings,
  workspace: Pick<Workspace, 'home' | 'temp'>,
  declared: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  LANG: 'C.UTF-8',
  CI: 'true',
  ...settings.passedEnvironment,
  ...declared,
  PATH: [settings.nodeFolder ?? dirname(process.execPath), settings.path].join(delimiter),
  HOME: workspace.home,
  TMPDIR: workspace.temp,
});
