import { type ErrorDetails, SlipwayError } from './base.ts';
import type { HttpErrorCode } from './codes.ts';

/** One wrong field of a request. `field` is a JSON pointer into body, query or path. */
export interface FieldIssue {
  readonly field: string;
  readonly message: string;
  readonly code: string;
}

/** Something that stands in the way of a request, and what to do about it now. */
export interface Obstacle extends FieldIssue {
  readonly suggestion: string;
}

/** The request does not have the documented form. Nothing was written. */
export class ValidationFailed extends SlipwayError {
  readonly code = 'VALIDATION_FAILED';
  readonly fault = 'caller';
  readonly retryable = false;
  readonly issues: readonly FieldIssue[];

  constructor(issues: readonly [FieldIssue, ...FieldIssue[]], details: ErrorDetails = {}) {
    super(`${issues[0].field || 'The request'}: ${issues[0].message}`, {
      field: issues[0].field,
      suggestion: 'Correct the named field and send the request again.',
      ...details,
    });
    this.issues = issues;
  }
}

/** What must hold before a deployment may start does not hold. */
export class PrerequisitesNotMet extends SlipwayError {
  readonly code = 'PREREQUISITES_NOT_MET';
  readonly fault = 'caller';
  readonly retryable = false;
  readonly issues: readonly Obstacle[];
  /** Each once, however many issues it is for. */
  readonly suggestions: readonly string[];
  /** What would not have kept it. */
  readonly warnings: readonly string[];

  constructor(issues: readonly Obstacle[], warnings: readonly string[] = []) {
    const suggestions = [...new Set(issues.map(({ suggestion }) => suggestion))];
    super(`The deployment cannot start: ${issues.map(({ message }) => message).join('; ')}`, {
      suggestion: suggestions.join(' '),
    });
    this.issues = issues;
    this.suggestions = suggestions;
    this.warnings = warnings;
  }
}

/** No token, an unknown one, or an expired one. */
export class Unauthenticated extends SlipwayError {
  readonly code = 'UNAUTHENTICATED';
  readonly fault = 'caller';
  readonly retryable = false;
}

/** The caller is known and may see the resource, but may not do this to it. */
export class PermissionDenied extends SlipwayError {
  readonly code = 'PERMISSION_DENIED';
  readonly fault = 'caller';
  readonly retryable = false;
}

type NotFoundCode = Extract<HttpErrorCode, `${string}_NOT_FOUND`>;

/** Nothing of this kind with this id that the caller may see. */
export class NotFound extends SlipwayError {
  readonly fault = 'caller';
  readonly retryable = false;
  readonly code: NotFoundCode;

  constructor(code: NotFoundCode, what: string, details: ErrorDetails = {}) {
    super(`${what} does not exist, or the token may not see it.`, details);
    this.code = code;
  }
}

type ConflictCode =
  | 'ALREADY_EXISTS'
  | 'ALREADY_RUNNING'
  | 'IDEMPOTENCY_IN_PROGRESS'
  | 'INVALID_STATE'
  | 'ROLLBACK_FAILED'
  | 'OFFSET_MISMATCH';

/** The request is well formed, but the present state of the resource does not allow it. */
export class Conflict extends SlipwayError {
  readonly fault = 'caller';
  readonly retryable: boolean;
  readonly code: ConflictCode;

  constructor(code: ConflictCode, message: string, details: ErrorDetails & { retryable?: boolean } = {}) {
    super(message, details);
    this.code = code;
    this.retryable = details.retryable ?? false;
  }
}

type RefusalCode =
  | 'METHOD_NOT_ALLOWED'
  | 'JOB_GONE'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'IDEMPOTENCY_MISMATCH'
  | 'INVALID_ARTIFACT'
  | 'DEPLOYMENT_FAILED';

/** Refused for what the request is, not for a single field of it. */
export class Refused extends SlipwayError {
  readonly fault = 'caller';
  readonly retryable = false;
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.code = code;
  }
}

/** Too many requests of one kind; `retryAfterSeconds` says when the next is welcome. */
export class RateLimited extends SlipwayError {
  readonly code = 'RATE_LIMIT_EXCEEDED';
  readonly fault = 'caller';
  readonly retryable = true;
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, details: ErrorDetails = {}) {
    super(message, details);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A bug of ours or a state that must not exist; the details stay in the service log. */
export class InternalError extends SlipwayError {
  readonly code = 'INTERNAL';
  readonly fault = 'service';
  readonly retryable = true;
}

/** Something Slipway depends on does not answer or answers with its own failure. */
export class PlatformUnavailable extends SlipwayError {
  readonly code = 'PLATFORM_UNAVAILABLE';
  readonly fault = 'platform';
  readonly retryable = true;
}
