import { type ErrorDetails, SlipwayError } from './base.ts';

/** A conditional write found the item in another state than the condition says. The caller decides what that means. */
export class ConditionFailed extends SlipwayError {
  readonly code = 'INVALID_STATE';
  readonly fault = 'service';
  readonly retryable = false;
  /** For a transaction: which of its writes refused, by position. */
  readonly failed: readonly number[];
  /** The item as it stood, by position, where the write asked for it. */
  readonly items: Readonly<Record<number, Readonly<Record<string, unknown>>>>;

  constructor(
    failed: readonly number[],
    items: Readonly<Record<number, Readonly<Record<string, unknown>>>>,
    details: ErrorDetails = {},
  ) {
    super('A conditional write found its item changed.', details);
    this.failed = failed;
    this.items = items;
    // For whoever decides what it means. A logger writes what it can enumerate, and items hold more than logs may.
    Object.defineProperty(this, 'items', { enumerable: false });
  }
}
