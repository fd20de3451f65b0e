import type { DeploymentBase } from './deployment.ts';
import type { Concurrency, Slot, Waiter } from './environment.ts';

/** An environment has room for this many that wait; what comes then is refused. */
export const MAX_WAITING = 50;

/** Deployments that a project may create in a minute, unless its settings say another number. */
export const STARTS_PER_MINUTE = { default: 10, min: 1, max: 1000 } as const;

/** What a new deployment finds, and what it is. */
export interface Arrival {
  readonly concurrency: Concurrency;
  readonly slot: Slot;
  readonly line: readonly Waiter[];
  readonly type: DeploymentBase['type'];
  /** It has to wait for people or for a moment before it wants the slot. */
  readonly waitsOutside: boolean;
}

export type Admission =
  | { readonly kind: 'take' }
  | { readonly kind: 'join' }
  /** It stands in no line: its gate takes or joins once nothing else is left to wait for. */
  | { readonly kind: 'wait-outside' }
  /** `owner`: who has the slot; absent: the line is full. */
  | { readonly kind: 'reject'; readonly owner?: string | undefined };

/**
 * What becomes of a new deployment (rules 3 and 10). The slot is taken directly only where nobody stands in line;
 * `reject` counts owners only; a rollback waits under every policy and is never refused for want of room.
 */
export function decideAdmission({ concurrency, slot, line, type, waitsOutside }: Arrival): Admission {
  if (waitsOutside) return { kind: 'wait-outside' };
  if (slot.owner === undefined && line.length === 0) return { kind: 'take' };
  if (type === 'rollback') return { kind: 'join' };
  if (slot.owner !== undefined && concurrency === 'reject') return { kind: 'reject', owner: slot.owner };
  const room =
    concurrency === 'supersede' || line.filter((one) => !isSuperseded(one, slot)).length < MAX_WAITING;
  return room ? { kind: 'join' } : { kind: 'reject' };
}

/**
 * The next number of an environment's line, and the slot as it is once that is given. Under `supersede` whatever
 * waits with a lower one has lost its place by the same write.
 */
export function drawTicket(
  slot: Slot,
  { id, type }: Pick<DeploymentBase, 'id' | 'type'>,
  concurrency: Concurrency,
): { readonly ticket: number; readonly slot: Slot } {
  const ticket = (slot.ticket ?? 0) + 1;
  const supersedes = concurrency === 'supersede' && type === 'deploy';
  const superseded = supersedes ? { before: ticket, by: id } : slot.superseded;
  return { ticket, slot: { ...slot, ticket, superseded } };
}

/** Rollbacks stand before everything else. */
export const priorityOf = (type: DeploymentBase['type']): Waiter['priority'] => (type === 'rollback' ? 0 : 1);

/** Rollback first, then by number: never by a clock. */
export const inOrder = (a: Waiter, b: Waiter): number => a.priority - b.priority || a.ticket - b.ticket;

/** Has a newer one taken the place of this one that waits? A rollback is never superseded. */
export function isSuperseded(
  { ticket, priority }: Pick<Waiter, 'ticket' | 'priority'>,
  { superseded }: Pick<Slot, 'superseded'>,
): boolean {
  return priority === 1 && superseded !== undefined && ticket < superseded.before;
}

/** Where somebody stands in line: 1 is next. `behind`: who comes before it; absent where nobody does. */
export interface Place {
  readonly position: number;
  readonly behind?: string | undefined;
}

/** Undefined where it does not stand in this line (any more). What was superseded is on its way out and not counted. */
export function placeIn(slot: Slot, line: readonly Waiter[], deploymentId: string): Place | undefined {
  const standing = line.filter((one) => one.deploymentId === deploymentId || !isSuperseded(one, slot));
  const index = standing.findIndex((one) => one.deploymentId === deploymentId);
  if (index < 0) return undefined;
  return { position: index + 1, behind: standing[index - 1]?.deploymentId ?? slot.owner };
}
