import { wordsOf } from './cancellation.ts';
import { deploymentError } from './deployment-errors.ts';
import type { CancelRequest, Deployment, DeploymentError } from './records.ts';
import { isTerminal, type StageOrSettle, type TerminalStatus } from './status.ts';
import { onlyWarns } from './strategy.ts';

/** How the work of a deployment ended. */
export interface Outcome {
  readonly status: TerminalStatus;
  readonly error?: DeploymentError | undefined;
}

/** How the work ended, whatever is served. Succeeded only where the live checks passed and nobody wished otherwise. */
export function outcomeOf(record: Deployment): Outcome {
  if (isTerminal(record.status)) {
    return 'error' in record && record.error !== undefined
      ? { status: record.status, error: record.error }
      : { status: record.status };
  }
  // None is noted after a wish to cancel: this one was the reason before anybody wished anything.
  if (record.failure !== undefined) {
    return { status: record.failure.code === 'TIMEOUT' ? 'timeout' : 'failed', error: record.failure };
  }
  if (record.cancelRequested !== undefined) return canceled(record, record.cancelRequested);
  // What breaks beside a hook whose failure is a warning is no more than that.
  const isDone = record.stages.some(({ name, status }) => name === 'activate' && status === 'succeeded');
  if (isDone || onlyWarns(record)) {
    return { status: 'succeeded' };
  }
  return { status: 'failed', error: cutOff(record) };
}

/** People know why they canceled; where a rule did, the record says which. */
function canceled({ stage }: Deployment, request: CancelRequest): Outcome {
  const { code, reason } = request;
  if (code === undefined) return { status: 'canceled' };
  const message = reason ?? `It was canceled, ${wordsOf(request)}.`;
  return { status: 'canceled', error: deploymentError({ code, stage, message }) };
}

const AT_TARGET: readonly StageOrSettle[] = ['release', 'verify', 'activate'];

/** Is what the target serves now the first thing that whoever reads of the failure wants to know? */
export const timedOutAtTarget = (record: Deployment, { status, error }: Outcome) =>
  !isTerminal(record.status) &&
  status === 'timeout' &&
  error !== undefined &&
  AT_TARGET.includes(error.stage);

/** The machine got to the settlement (or was gone) although no stage reported a failure. */
const cutOff = (record: Deployment) =>
  deploymentError({
    code: 'INTERNAL',
    stage: record.stage,
    message: `The ${record.stage} stage was cut off before it could report: its function or its execution ended.`,
  });

/** Its checks had passed, and something else is served. */
export const displaced = (record: Deployment, served: string | undefined): Outcome => ({
  status: 'failed',
  error: deploymentError({
    code: 'LIVE_CHECK_FAILED',
    stage: 'settle',
    message: `${record.environment} serves ${served ?? 'nothing of ours'} although this deployment was made live: somebody changed the target.`,
    suggestion: 'See who changed the target outside of Slipway, then deploy again.',
  }),
});
