import type { Deployment, Slot } from '../domain/records.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deploymentItem } from './deployment-item.ts';
import { transact, type Write } from './engine.ts';
import { takeSlot } from './slot.ts';

/**
 * The transaction that creates a deployment and takes the slot for it, with whatever has to come into being with
 * it (a new version, the answer of an Idempotency-Key) or still be there. All or nothing.
 * @throws ConditionFailed where the slot, the version number or the key was taken meanwhile
 */
export async function createDeployment(
  ctx: StoreContext,
  creation: { readonly deployment: Deployment; readonly free: Slot; readonly taken: Slot },
  withIt: readonly Write[],
): Promise<void> {
  await transact(ctx, [
    { put: deploymentItem(creation.deployment), condition: MUST_NOT_EXIST },
    takeSlot(creation.free, creation.taken),
    ...withIt,
  ]);
}
