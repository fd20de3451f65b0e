import type { SlipwayFailure } from './failure.ts';

/** What every call answers: a value, or a failure that says what happened and what to do. Nothing is thrown. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SlipwayFailure };

export const success = <T>(value: T): Result<T> => ({ ok: true, value });
export const failure = (error: SlipwayFailure): Result<never> => ({ ok: false, error });

/** For those who want a throw: the value, or the failure as an exception. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw result.error;
}
