import type { Problem } from '../../shared/contracts/problem.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { HTTP_STATUS, type HttpErrorCode } from '../../shared/errors/codes.ts';
import {
  InternalError,
  PlatformUnavailable,
  PrerequisitesNotMet,
  RateLimited,
  ValidationFailed,
} from '../../shared/errors/requests.ts';
import { ConditionFailed } from '../../shared/errors/store.ts';

/** A refusal as it is sent: problem document and headers. */
export interface Refusal {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** True where the cause is ours or a platform's and belongs whole into the service log. */
  readonly unexpected: boolean;
}

/** Turns whatever was thrown into the problem document of api.md. Internals never leave. */
export function refusalOf(thrown: unknown, correlationId: string): Refusal {
  const error = known(thrown);
  const code = httpCode(error);
  const status = HTTP_STATUS[code];
  const hidden = code === 'INTERNAL';
  const shown = hidden ? new InternalError(INTERNAL_DETAIL) : error;
  return {
    problem: {
      // First, so that no fact takes the place of a member that clients rely on.
      ...(shown.fault === 'caller' && shown.code === code ? shown.facts : {}),
      type: `urn:slipway:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: title(code),
      status,
      detail: shown.message,
      code,
      correlationId,
      retryable: shown.retryable,
      ...optional(shown),
      ...(hidden ? { suggestion: `Tell the operator the correlation id ${correlationId}.` } : {}),
    },
    headers: headersOf(code, error),
    unexpected: status >= 500,
  };
}

const INTERNAL_DETAIL = 'Slipway failed to answer this request.';

function known(thrown: unknown): SlipwayError {
  if (thrown instanceof ConditionFailed) {
    return new InternalError('A write lost against another and nobody decided what that means.', {
      cause: thrown,
    });
  }
  if (thrown instanceof SlipwayError) return thrown;
  if (isServiceTrouble(thrown)) {
    return new PlatformUnavailable('A service that Slipway depends on does not answer.', {
      cause: thrown,
      suggestion: 'Try again in a few seconds.',
    });
  }
  return new InternalError(INTERNAL_DETAIL, { cause: thrown });
}

/** The SDK marks what is the service's own trouble or a throttle; a deadline of ours is named TimeoutError. */
function isServiceTrouble(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown.name === 'TimeoutError') return true;
  return ('$fault' in thrown && thrown.$fault === 'server') || '$retryable' in thrown;
}

/** Errors that end on a deployment's record have codes of their own; at the edge their fault decides. */
function httpCode(error: SlipwayError): HttpErrorCode {
  const code = error.code;
  if (isHttpCode(code)) return code;
  if (error.fault === 'caller') return 'VALIDATION_FAILED';
  return error.fault === 'platform' ? 'PLATFORM_UNAVAILABLE' : 'INTERNAL';
}

const isHttpCode = (code: string): code is HttpErrorCode => Object.hasOwn(HTTP_STATUS, code);

function optional(error: SlipwayError): Partial<Problem> {
  return {
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }),
    ...(error instanceof ValidationFailed ? { errors: [...error.issues] } : {}),
    ...(error instanceof PrerequisitesNotMet ? obstaclesOf(error) : {}),
    ...(error instanceof RateLimited ? { retryAfterSeconds: error.retryAfterSeconds } : {}),
  };
}

const obstaclesOf = ({ issues, suggestions, warnings }: PrerequisitesNotMet) => ({
  errors: issues.map(({ field, code, message }) => ({ field, code, message })),
  issues: [...issues],
  suggestions: [...suggestions],
  warnings: [...warnings],
});

function headersOf(code: HttpErrorCode, error: SlipwayError): Record<string, string> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer' };
  if (code === 'METHOD_NOT_ALLOWED') return { allow: String(error.facts['allow'] ?? '') };
  if (error instanceof RateLimited) return { 'retry-after': String(error.retryAfterSeconds) };
  return code === 'PLATFORM_UNAVAILABLE' ? { 'retry-after': '5' } : {};
}

function title(code: HttpErrorCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
