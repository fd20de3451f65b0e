import type { Deployment, Slot, Waiter } from '../domain/records.ts';
import { isPassedOver } from '../domain/rollback.ts';
import { isTerminal } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';

/** So many are passed over at most; each is a read. */
const LOOKED_AT = 25;

/**
 * What a rollback goes back to where nobody names it: the latest good one that was live before, or what was behind
 * that, as long as it is not what went wrong. Undefined where there is none.
 */
export async function defaultTarget(ctx: StoreContext, slot: Slot): Promise<Deployment | undefined> {
  let id = slot.previousGood;
  for (let looked = 0; id !== undefined && looked < LOOKED_AT; looked += 1) {
    const candidate: Deployment | undefined = await getDeployment(ctx, id);
    if (candidate === undefined || !isPassedOver(candidate, slot)) return candidate;
    id = candidate.previousGood;
  }
  return undefined;
}

/** Id of the rollback that has the slot or waits for it; one that has ended and drains is not open. */
export async function openRollback(
  ctx: StoreContext,
  { owner }: Slot,
  line: readonly Waiter[],
): Promise<string | undefined> {
  const waiting = line.find(({ priority }) => priority === 0);
  if (waiting !== undefined) return waiting.deploymentId;
  const holder = owner === undefined ? undefined : await getDeployment(ctx, owner);
  return holder?.type === 'rollback' && !isTerminal(holder.status) ? holder.id : undefined;
}
