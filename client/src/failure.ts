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

export interface FailureDetails {
  readonly problem?: Problem | undefined;
  /** Where there is no problem document: the code of an error frame. */
  readonly code?: Problem['code'] | undefined;
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  readonly cause?: unknown;
}

export class SlipwayFailure extends Error {
  readonly kind: FailureKind;
  /** Present where a call was refused. */
  readonly problem: Problem | undefined;
  /** Code of the refusal, where the service refused. */
  readonly code: Problem['code'] | undefined;
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(kind: FailureKind, message: string, { problem, code, status, cause }: FailureDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SlipwayFailure';
    this.kind = kind;
    this.problem = problem;
    this.code = problem?.code ?? code;
    this.status = status;
  }

  get retryable(): boolean {
    return this.kind === 'unreachable' || (this.problem?.retryable ?? false);
  }
}
