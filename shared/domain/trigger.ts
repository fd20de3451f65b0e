import type { TriggerKind } from './records.ts';

/** What a request may say of itself by its `method`; anything else is a call of the API and nothing more. */
const DECLARED: ReadonlySet<string> = new Set<TriggerKind>(['manual', 'webhook', 'schedule', 'automatic']);

/**
 * What started a deployment, as far as the request says it. A pipeline that declares itself `automatic` is kept from
 * what a rollback has blocked; there is nothing to be had by saying so falsely.
 */
export function triggerOf(method: string): TriggerKind {
  // Only kinds are in the set.
  return DECLARED.has(method) ? (method as TriggerKind) : 'api';
}
