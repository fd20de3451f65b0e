import type { Deployment } from './records.ts';
import { obstacleToRetry } from './retry.ts';
import { isTerminal } from './status.ts';

/** What people can do with a deployment now; `reasons` says why not, by the name of the flag. */
export interface Possible {
  readonly canCancel: boolean;
  readonly canRetry: boolean;
  readonly canRollback: boolean;
  readonly reasons: Readonly<Record<string, string>>;
}

/** What of a deployment says so. */
type Facts = Pick<
  Deployment,
  'status' | 'type' | 'environment' | 'releaseState' | 'cancelRequested' | 'previousGood'
>;

export function possibleWith(deployment: Facts): Possible {
  const obstacles = {
    canCancel: obstacleToCancel(deployment),
    canRetry: obstacleToRetry(deployment),
    canRollback: obstacleToRollback(deployment),
  };
  const named = Object.entries(obstacles).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    canCancel: obstacles.canCancel === undefined,
    canRetry: obstacles.canRetry === undefined,
    canRollback: obstacles.canRollback === undefined,
    reasons: Object.fromEntries(named),
  };
}

function obstacleToCancel({ status, cancelRequested }: Facts): string | undefined {
  if (isTerminal(status)) return `the deployment has ended (${status})`;
  return cancelRequested === undefined ? undefined : `it is being canceled, as ${cancelRequested.by} asked`;
}

/** What is asked when it is tried (is the artifact there, is another rollback open?) is not asked here. */
function obstacleToRollback({ status, releaseState, environment, previousGood }: Facts): string | undefined {
  if (!isTerminal(status)) return 'the deployment has not ended: cancel it instead';
  if (releaseState !== 'active') return `it is not what ${environment} serves`;
  return previousGood === undefined
    ? 'nothing good was live before it: name another one with targetDeploymentId'
    : undefined;
}
