import type { Slot } from '../domain/records.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, type Write } from './engine.ts';
import { slotKey } from './keys.ts';

/** The slot of an environment, read strongly. An environment that nothing was deployed to may have no item yet. */
export async function getSlot(ctx: StoreContext, projectId: string, environment: string): Promise<Slot> {
  const item = await getItem(ctx, slotKey(projectId, environment));
  return item === undefined ? { projectId, environment, fence: 0, line: 0 } : slotFrom(item);
}

export function slotFrom(item: Item): Slot {
  const { pk: _pk, sk: _sk, kind: _kind, v: _v, ...slot } = item;
  // Only slotItem writes these items, from a Slot.
  return slot as unknown as Slot;
}

export function slotItem(slot: Slot): Item {
  return { ...slotKey(slot.projectId, slot.environment), kind: 'slot', v: 1, ...slot };
}

/** The slot as its next owner has it: the fence rises, so that late calls of the last owner are known. */
export function takenBy(slot: Slot, deploymentId: string, since: string, reason: string): Slot {
  return { ...slot, owner: deploymentId, since, reason, fence: slot.fence + 1, line: slot.line + 1 };
}

/** Takes a slot that was free as read; refuses where anybody else took it or stands in its line meanwhile. */
export function takeSlot(slot: Slot, taken: Slot): Write {
  return {
    put: slotItem(taken),
    condition: {
      expression:
        'attribute_not_exists(#owner) AND (attribute_not_exists(pk) OR (#fence = :fence AND #line = :line))',
      names: { '#owner': 'owner', '#fence': 'fence', '#line': 'line' },
      values: { ':fence': slot.fence, ':line': slot.line },
    },
  };
}

/** Rewrites a slot that this deployment owns, under its fence: hand-over, release and what is active. */
export function rewriteOwnedSlot(next: Slot, owner: string, fence: number, line: number): Write {
  return {
    put: slotItem(next),
    condition: {
      expression: '#owner = :owner AND #fence = :fence AND #line = :line',
      names: { '#owner': 'owner', '#fence': 'fence', '#line': 'line' },
      values: { ':owner': owner, ':fence': fence, ':line': line },
    },
  };
}
