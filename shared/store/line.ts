import { priorityOf } from '../domain/admission.ts';
import type { DeploymentBase, Waiter } from '../domain/records.ts';
import { MUST_EXIST, MUST_NOT_EXIST } from './conditions.ts';
import type { Item, Write } from './engine.ts';
import { waiterKey } from './keys.ts';

export function waiterFrom(item: Item): Waiter {
  const { pk: _pk, sk: _sk, kind: _kind, v: _v, ...waiter } = item;
  // Only joinLine writes these items, from a Waiter.
  return waiter as unknown as Waiter;
}

/** A deployment as it stands in line with its number. */
export function waiterOf(
  { id, projectId, environment, type }: Pick<DeploymentBase, 'id' | 'projectId' | 'environment' | 'type'>,
  ticket: number,
  since: string,
): Waiter {
  return { projectId, environment, deploymentId: id, ticket, priority: priorityOf(type), since };
}

/** Joins the line. A number is given once: whoever has it already keeps its place. */
export const joinLine = (waiter: Waiter): Write => ({
  put: { ...waiterKey(waiter.projectId, waiter.environment, waiter), kind: 'waiter', v: 1, ...waiter },
  condition: MUST_NOT_EXIST,
});

/** Leaves the line, by whoever's hand; fails where somebody else took it out meanwhile. */
export const leaveLine = (waiter: Waiter): Write => ({
  deleteKey: waiterKey(waiter.projectId, waiter.environment, waiter),
  condition: MUST_EXIST,
});
