import { inspect } from 'node:util';
import { asDeploymentError, deploymentError } from '../../shared/domain/deployment-errors.ts';
import type { Deployment, DeploymentError } from '../../shared/domain/records.ts';
import { isTerminal, type Stage } from '../../shared/domain/status.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { FenceLost, StageFailed } from '../../shared/errors/deployments.ts';
import { failStage, requireDeployment } from '../../shared/store/deployments.ts';
import type { TargetsDeps } from './deps.ts';
import type { LiveLog } from './live-log.ts';

/**
 * Notes why a stage failed, in record and log, and returns it. A deployment that is ending keeps the reason it
 * ends for: that its calls are refused now is a consequence.
 */
export async function noteFailure(
  deps: TargetsDeps,
  deployment: Deployment,
  stage: Stage,
  thrown: unknown,
  facts: { readonly log?: LiveLog | undefined; readonly signal: AbortSignal },
): Promise<DeploymentError> {
  const error = masked(failureOf(thrown, stage, facts.signal), facts.log);
  deps.log.error('A stage failed.', { stage, code: error.code, ...shown(thrown, facts.log) });
  if (thrown instanceof FenceLost && (await isEnding(deps, deployment.id))) return error;
  facts.log?.add('error', error.message);
  await failStage(deps.store, deployment.id, error);
  return error;
}

/** An error for the service's own log, with stack and causes; masked where the call was given secrets. */
export const shown = (error: unknown, log: LiveLog | undefined): { error: unknown } | { detail: string } =>
  log === undefined ? { error } : { detail: log.mask(inspect(error)) };

/** A target's own words may repeat the secrets that it was given; records never hold one. */
function masked(error: DeploymentError, log: LiveLog | undefined): DeploymentError {
  if (log === undefined) return error;
  const { message, suggestion, cause } = error;
  return {
    ...error,
    message: log.mask(message),
    suggestion: log.mask(suggestion),
    ...(cause === undefined ? {} : { cause: log.mask(cause) }),
  };
}

function failureOf(thrown: unknown, stage: Stage, signal: AbortSignal): DeploymentError {
  if (thrown instanceof FenceLost) {
    return deploymentError({ code: 'RELEASE_FAILED', stage, message: thrown.message });
  }
  const known = asDeploymentError(thrown, stage);
  // Out of time, everything fails: only a failure that the target named says more than that.
  if (thrown instanceof StageFailed || !signal.aborted) return known;
  return deploymentError({
    code: 'TIMEOUT',
    stage,
    message: `The target took longer than the ${stage} stage may take.`,
    cause: known.cause,
  });
}

async function isEnding(deps: TargetsDeps, id: string): Promise<boolean> {
  const { status, settling, cancelRequested } = await requireDeployment(deps.store, id);
  return isTerminal(status) || settling !== undefined || cancelRequested !== undefined;
}

/** May the same call work in a moment? A stage's known failure ends the stage, however it came about. */
export const mayPass = (error: unknown): error is SlipwayError =>
  error instanceof SlipwayError && error.retryable && !(error instanceof StageFailed);

/** For the machine, whose history nobody masks: only the words that stand on the record. */
export const asThrown = ({ code, message }: DeploymentError) => new StageFailed(code, message);
