import type { ErrorCode } from './codes.ts';

/** Who has to act: the one who called, Slipway itself, or a platform it depends on. */
export type Fault = 'caller' | 'service' | 'platform';

/** What an error knows besides its code; none of it may hold a secret. */
export interface ErrorDetails {
  readonly cause?: unknown;
  /** What to do now, one sentence for the operator. */
  readonly suggestion?: string;
  /** JSON pointer of the offending part of a request. */
  readonly field?: string;
  /** Facts for logs and problem documents: ids, limits, counts. Never secrets. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/**
 * Root of every error that Slipway raises on purpose.
 * Callers branch on the class or on `code`, never on the message.
 */
export abstract class SlipwayError extends Error {
  abstract readonly code: ErrorCode;
  abstract readonly fault: Fault;
  abstract readonly retryable: boolean;
  readonly suggestion: string | undefined;
  readonly field: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.suggestion = details.suggestion;
    this.field = details.field;
    this.facts = details.facts ?? {};
  }
}
