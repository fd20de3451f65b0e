import type { Deployment } from './records.ts';
import { isTerminal, type StageOrSettle } from './status.ts';

/** How what a deployment made does, as far as its own checks say. `unknown`: nothing of it is served. */
export interface DeploymentHealth {
  readonly state: 'healthy' | 'unhealthy' | 'unknown';
  /** In one sentence, why. */
  readonly message: string;
  /** ISO time of the check that says so. */
  readonly checkedAt?: string | undefined;
}

/** What of a deployment says so. */
type Facts = Pick<Deployment, 'id' | 'status' | 'releaseState' | 'environment' | 'stages'> &
  Partial<Pick<Deployment, 'rollout' | 'failure' | 'activation'>> & { readonly error?: Failed | undefined };
type Failed = { readonly code: string; readonly stage: StageOrSettle; readonly message: string };

export function healthOf(deployment: Facts): DeploymentHealth {
  const { id, status, releaseState, rollout, failure, stages, environment } = deployment;
  const checked = stages.find(({ name }) => name === 'activate');
  const checkedAt = checked?.finishedAt;
  const failed: Failed | undefined = 'error' in deployment ? deployment.error : failure;
  if (failed?.code === 'LIVE_CHECK_FAILED' && (releaseState === 'active' || !isTerminal(status)))
    return { state: 'unhealthy', message: failed.message, checkedAt };
  if (isTerminal(status)) {
    if (releaseState !== 'active')
      return { state: 'unknown', message: `${environment} does not serve ${id}` };
    return status === 'succeeded'
      ? { state: 'healthy', message: 'its live checks passed', checkedAt }
      : { state: 'unknown', message: `it is served although it ended ${status}` };
  }
  // Its end alone says nothing: a stage that failed has one too.
  if (checked?.status === 'succeeded' || hasPassed(deployment))
    return { state: 'healthy', message: 'its live checks passed', checkedAt };
  if (failed?.stage === 'activate') return { state: 'unknown', message: 'its activation failed' };
  return rollout === undefined
    ? { state: 'unknown', message: 'nothing of it is served yet' }
    : { state: 'healthy', message: `${rollout.weight} % of the visitors get it, and its check passed` };
}

/** Post hooks come behind the live checks, and before the end of the stage. */
const hasPassed = ({ activation }: Facts) => activation?.passed === true || activation?.work?.kind === 'hook';
