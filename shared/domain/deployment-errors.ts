import { SlipwayError } from '../errors/base.ts';
import { DEPLOYMENT_ERROR_CODES, type DeploymentErrorCode } from '../errors/codes.ts';
import { StageFailed } from '../errors/deployments.ts';
import type { DeploymentError } from './records.ts';
import type { StageOrSettle } from './status.ts';

type Recovery = DeploymentError['recovery'];
type Severity = DeploymentError['severity'];

interface Classification {
  /** `retry`: the same again may work. `fix`: change something first. `manual`: somebody must act. `check`: look first. */
  readonly recovery: Recovery;
  readonly severity: Severity;
  readonly retryable: boolean;
  /** What to do now, where whoever raised the failure knew nothing better. */
  readonly suggestion: string;
}

const fix = (suggestion: string): Classification => ({
  recovery: 'fix',
  severity: 'recoverable',
  retryable: false,
  suggestion,
});
const retry = (suggestion: string): Classification => ({
  recovery: 'retry',
  severity: 'temporary',
  retryable: true,
  suggestion,
});
const manual = (suggestion: string): Classification => ({
  recovery: 'manual',
  severity: 'recoverable',
  retryable: false,
  suggestion,
});
const check = (severity: Severity, suggestion: string): Classification => ({
  recovery: 'check',
  severity,
  retryable: true,
  suggestion,
});

/** How each code is meant, in one table: what helps, how bad it is, whether the same again can work. */
export const CLASSIFICATION: Readonly<Record<DeploymentErrorCode, Classification>> = {
  INVALID_SOURCE_REF: fix('Name a branch, tag or commit that the repository has.'),
  BUILD_FAILED: fix('Read the last lines of the build, correct the cause, and deploy again.'),
  RELEASE_FAILED: check('recoverable', 'Look at what the target reported, then deploy again.'),
  VERIFY_FAILED: fix('Open the staged release and see why its checks fail, then deploy again.'),
  LIVE_CHECK_FAILED: fix('See in the log which check failed; the environment serves what the log says last.'),
  HOOK_FAILED: fix('Correct the hook that failed, then deploy again.'),
  RUNNER_LOST: retry('See that a runner is up, then deploy again.'),
  TIMEOUT: check('recoverable', 'See in the log what took the time; raise the limit if it needs more.'),
  REJECTED: manual('Ask who rejected it what is missing.'),
  EXPIRED: manual('Start it again and see that somebody approves in time.'),
  MISSED: manual('Start it by hand, or give the schedule a wider window.'),
  SUPERSEDED: manual('Nothing to do: a newer deployment took its place.'),
  PLATFORM_UNAVAILABLE: retry('Wait a few minutes, then deploy again.'),
  AUTH_FAILED: fix('Renew the credential that the project names, then deploy again.'),
  PROJECT_NAME_TAKEN: fix('Choose another name for the project on the platform.'),
  UPLOAD_FAILED: retry('Deploy again; if it keeps failing, look at the size and the network of the runner.'),
  RATE_LIMIT_EXCEEDED: retry('Wait until the platform accepts calls again, then deploy again.'),
  INVALID_CONFIG: fix('Correct the setting that the message names, then deploy again.'),
  INSUFFICIENT_PERMISSIONS: fix('Give the credential the permission that the message names.'),
  INTERNAL: check(
    'critical',
    'Deploy again; if it happens again, look for the deployment id in the service log.',
  ),
};

export interface FailureFacts {
  readonly code: DeploymentErrorCode;
  readonly stage: StageOrSettle;
  readonly message: string;
  readonly cause?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly retryable?: boolean | undefined;
  readonly suggestion?: string | undefined;
}

/** The error as it stands on the record: the facts of the failure, completed from the table. */
export function deploymentError(facts: FailureFacts): DeploymentError {
  const meaning = CLASSIFICATION[facts.code];
  return {
    code: facts.code,
    stage: facts.stage,
    message: facts.message,
    ...(facts.cause === undefined ? {} : { cause: facts.cause }),
    ...(facts.exitCode === undefined ? {} : { exitCode: facts.exitCode }),
    retryable: facts.retryable ?? meaning.retryable,
    suggestion: facts.suggestion || meaning.suggestion,
    recovery: meaning.recovery,
    severity: meaning.severity,
  };
}

/**
 * Any error as a failure of a stage. Errors of ours keep code, words and suggestion; anything else is INTERNAL
 * and keeps only its class name, since its text was not written for operators and may hold what it must not.
 */
export function asDeploymentError(error: unknown, stage: StageOrSettle): DeploymentError {
  if (error instanceof SlipwayError && isDeploymentCode(error.code) && error.code !== 'INTERNAL') {
    return deploymentError({
      code: error.code,
      stage,
      message: error.message,
      cause: causeOf(error),
      exitCode: error instanceof StageFailed ? error.exitCode : undefined,
      retryable: error.retryable,
      suggestion: error.suggestion,
    });
  }
  return deploymentError({
    code: 'INTERNAL',
    stage,
    message: `Slipway itself failed in the ${stage} stage.`,
    cause: error instanceof Error ? error.name : typeof error,
  });
}

const causeOf = ({ cause }: Error): string | undefined => {
  if (cause === undefined) return undefined;
  return cause instanceof SlipwayError ? cause.message : cause instanceof Error ? cause.name : undefined;
};

const isDeploymentCode = (code: string): code is DeploymentErrorCode =>
  DEPLOYMENT_ERROR_CODES.some((known) => known === code);
