import type { Deployment } from './records.ts';
import { isTerminal } from './status.ts';

/** What people can do with a deployment now; `reasons` says why not, by the name of the flag. */
export interface Possible {
  readonly canCancel: boolean;
  readonly canRetry: boolean;
  readonly canRollback: boolean;
  readonly reasons: Readonly<Record<string, string>>;
}

/** Cancel, retry and rollback have no routes yet, so nothing of it is possible, and the reason says what is. */
export function possibleWith(deployment: Deployment): Possible {
  const ended = isTerminal(deployment.status);
  return {
    canCancel: false,
    canRetry: false,
    canRollback: false,
    reasons: {
      canCancel: ended ? 'the deployment has ended' : 'cancel is not there yet: wait for its end',
      canRetry: ended
        ? 'retry is not there yet: start a new deployment of the same version'
        : 'the deployment has not ended',
      canRollback: 'rollback is not there yet: deploy the earlier version again',
    },
  };
}
