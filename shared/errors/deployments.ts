import { type ErrorDetails, type Fault, SlipwayError } from './base.ts';
import type { DeploymentErrorCode } from './codes.ts';

/** Facts about a stage's failure that end on the deployment's record. */
export interface StageFailureDetails extends ErrorDetails {
  readonly exitCode?: number;
  readonly retryable?: boolean;
  readonly fault?: Fault;
}

/** A stage of a deployment failed for a known reason; the deployment ends with this code. */
export class StageFailed extends SlipwayError {
  readonly code: DeploymentErrorCode;
  readonly fault: Fault;
  readonly retryable: boolean;
  readonly exitCode: number | undefined;

  constructor(code: DeploymentErrorCode, message: string, details: StageFailureDetails = {}) {
    super(message, details);
    this.code = code;
    this.fault = details.fault ?? 'caller';
    this.retryable = details.retryable ?? false;
    this.exitCode = details.exitCode;
  }
}

/**
 * A call was sent and no answer came: it may or may not have taken effect.
 * Neither success nor failure; whoever catches it reads back what is served.
 */
export class OutcomeUnknown extends SlipwayError {
  readonly code = 'PLATFORM_UNAVAILABLE';
  readonly fault = 'platform';
  readonly retryable = true;
}

/** A newer owner holds the slot (or settlement began): this caller may not change the target any more. */
export class FenceLost extends SlipwayError {
  readonly code = 'INVALID_STATE';
  readonly fault = 'service';
  readonly retryable = false;
}
