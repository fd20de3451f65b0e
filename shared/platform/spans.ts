import { SlipwayError } from '../errors/base.ts';
import type { Clock } from './clock.ts';
import type { Log } from './logger.ts';

/** `refused`: by a rule, as the caller is told. `error`: something broke. */
export type Outcome = 'ok' | 'refused' | 'error';

/** How one operation went. It stands on the line that ends it; the lines before, with the same keys, are its events. */
export interface SpanFacts {
  readonly name: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

/** Begins to measure an operation; the answer tells how it went. */
export function beginSpan(clock: Clock): (name: string, outcome: Outcome) => SpanFacts {
  const startedAt = clock.now();
  return (name, outcome) => ({ name, outcome, durationMs: clock.now() - startedAt });
}

/**
 * Does an operation as a span: one line of the log when it has ended, with the error where one ended it. X-Ray knows
 * the call around it, and its trace id stands on every line.
 */
export async function spanned<T>(log: Log, clock: Clock, name: string, work: () => Promise<T>): Promise<T> {
  const ended = beginSpan(clock);
  try {
    const result = await work();
    log.info('Operation ended', { span: ended(name, 'ok') });
    return result;
  } catch (error) {
    const isRefusal = error instanceof SlipwayError && error.fault === 'caller';
    if (isRefusal) log.info('Operation refused', { span: ended(name, 'refused'), code: error.code, error });
    else log.error('Operation failed', { span: ended(name, 'error'), error });
    throw error;
  }
}
