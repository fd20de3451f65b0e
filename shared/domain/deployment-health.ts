import type { Deployment } from './records.ts';
import { isTerminal } from './status.ts';

/** How what a deployment made does, as far as its own checks say. `unknown`: nothing of it is served. */
export interface DeploymentHealth {
  readonly state: 'healthy' | 'unhealthy' | 'unknown';
  /** In one sentence, why. */
  readonly message: string;
  /** ISO time of the check that says so. */
  readonly checkedAt?: string | undefined;
}

export function healthOf(deployment: Deployment): DeploymentHealth {
  const { id, status, releaseState, rollout, failure, stages, environment } = deployment;
  const checkedAt = stages.find(({ name }) => name === 'activate')?.finishedAt;
  const failed = 'error' in deployment ? deployment.error : failure;
  if (failed?.code === 'LIVE_CHECK_FAILED' && (releaseState === 'active' || !isTerminal(status)))
    return { state: 'unhealthy', message: failed.message, checkedAt };
  if (isTerminal(status)) {
    if (releaseState !== 'active')
      return { state: 'unknown', message: `${environment} does not serve ${id}` };
    return status === 'succeeded'
      ? { state: 'healthy', message: 'its live checks passed', checkedAt }
      : { state: 'unknown', message: `it is served although it ended ${status}` };
  }
  if (checkedAt !== undefined) return { state: 'healthy', message: 'its live checks passed', checkedAt };
  return rollout === undefined
    ? { state: 'unknown', message: 'nothing of it is served yet' }
    : { state: 'healthy', message: `${rollout.weight} % of the visitors get it, and its check passed` };
}
