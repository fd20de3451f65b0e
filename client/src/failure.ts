import type { Problem } from '../../shared/contracts/problem.ts';

/** Why a call did not answer with a value. */
export type FailureKind =
  /** The service refused: `problem` has its code, field and suggestion. */
  | 'refused'
  /** The service could not be reached or did not answer in time. */
  | 'unreachable'
  /** The caller's AbortSignal fired. */
  | 'aborted'
  /** The service answered with something that is not its contract. */
  | 'unexpected';

export class SlipwayFailure extends Error {
  readonly kind: FailureKind;
  /** Present where the service refused. */
  readonly problem: Problem | undefined;

  constructor(kind: FailureKind, message: string, details: { problem?: Problem; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SlipwayFailure';
    this.kind = kind;
    this.problem = details.problem;
  }

  /** Code of api.md, where the service refused. */
  get code(): Problem['code'] | undefined {
    return this.problem?.code;
  }

  get retryable(): boolean {
    return this.kind === 'unreachable' || (this.problem?.retryable ?? false);
  }
}
