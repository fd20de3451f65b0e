import { isSuperseded } from '../domain/admission.ts';
import { resolveTimeouts } from '../domain/deadlines.ts';
import type { Deployment, Slot, Waiter } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changed, type DeploymentChanges, getDeployment } from './deployment-changes.ts';
import { deploymentUpdate } from './deployment-item.ts';
import type { Write } from './engine.ts';
import { deploymentKey } from './keys.ts';
import { leaveLine } from './line.ts';
import { freed, takenBy } from './slot.ts';

/** May this deployment, which waits in line, have the slot now? Not while a freeze covers it. */
export type Admissible = (waiting: Deployment) => boolean | Promise<boolean>;

/** What becomes of a slot that is free, for the transaction that frees it. */
export interface Succession {
  readonly slot: Slot;
  /** At most two. */
  readonly writes: readonly Write[];
  /** Who has it now; absent where nobody may. */
  readonly admitted?: string | undefined;
}

/**
 * Hands a free slot to the first of its line who may have it (rule 3): taken out of the line (it must still stand
 * there), made the owner under the next fence, and its gate woken. Where nobody may, the gate of the first is told
 * to find out until when, unless it knows: else nothing would ever look at this line again.
 */
export async function succession(
  ctx: StoreContext,
  free: Slot,
  line: readonly Waiter[],
  admissible: Admissible,
): Promise<Succession> {
  let first: Deployment | undefined;
  for (const waiter of line) {
    if (isSuperseded(waiter, free)) continue;
    const waiting = await getDeployment(ctx, waiter.deploymentId);
    if (waiting === undefined || isLeaving(waiting)) continue;
    first ??= waiting;
    if (await admissible(waiting)) return handedTo(ctx, free, waiter, waiting);
  }
  if (first === undefined || first.status === 'held' || first.wake > first.seen) {
    return { slot: free, writes: [] };
  }
  return { slot: free, writes: [rewritten(ctx, first, { wake: first.wake + 1 })] };
}

/** The slot once this deployment has no part in it: another's as before, or handed on. */
export async function slotWithout(
  ctx: StoreContext,
  slot: Slot,
  deploymentId: string,
  others: readonly Waiter[],
  admissible: Admissible,
): Promise<Succession> {
  if (slot.owner !== undefined && slot.owner !== deploymentId) {
    return { slot: { ...slot, line: slot.line + 1 }, writes: [] };
  }
  return succession(ctx, freed(slot), others, admissible);
}

/** What ends takes itself out of the line, in its own settlement. */
const isLeaving = ({ status, settling, cancelRequested, failure }: Deployment) =>
  isTerminal(status) || settling !== undefined || cancelRequested !== undefined || failure !== undefined;

function handedTo(ctx: StoreContext, free: Slot, waiter: Waiter, waiting: Deployment): Succession {
  const slot = takenBy(free, waiting.id, isoTime(ctx.clock.now()), waiting.type);
  const woken = { ...ownership(ctx, slot, waiting), wake: waiting.wake + 1 };
  return { slot, writes: [leaveLine(waiter), rewritten(ctx, waiting, woken)], admitted: waiting.id };
}

/** What the record of a deployment says once it owns the slot, its gate still before it. */
export const ownership = (
  ctx: StoreContext,
  slot: Slot,
  { deadlines, snapshot }: Deployment,
): DeploymentChanges => ({
  fence: slot.fence,
  // Nothing is waited for any more, so the gate's own time begins to count.
  deadlines: {
    ...deadlines,
    wait: undefined,
    stage: ctx.clock.now() + resolveTimeouts(snapshot.timeouts).gateSeconds * 1000,
  },
});

/** A deployment's change as a write of a transaction, conditional on its revision as read. */
export const rewritten = (ctx: StoreContext, deployment: Deployment, changes: DeploymentChanges): Write => ({
  key: deploymentKey(deployment.id),
  update: deploymentUpdate(deployment, changed(deployment, changes, ctx.clock.now())),
});
