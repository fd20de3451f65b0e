import { inOrder } from '../domain/admission.ts';
import type { Slot, Waiter } from '../domain/records.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, queryPage, type Write } from './engine.ts';
import type { Condition } from './expressions.ts';
import { slotKey } from './keys.ts';
import { waiterFrom } from './line.ts';

/** Raised when the stored shape of a slot changes; readers accept this and older ones. 2: line, guards, health. */
const SLOT_SHAPE = 2;

const unused = (projectId: string, environment: string): Slot => ({
  projectId,
  environment,
  fence: 0,
  line: 0,
});

/** The slot of an environment, read strongly. An environment that nothing was deployed to may have no item yet. */
export async function getSlot(ctx: StoreContext, projectId: string, environment: string): Promise<Slot> {
  const item = await getItem(ctx, slotKey(projectId, environment));
  return item === undefined ? unused(projectId, environment) : slotFrom(item);
}

/** A slot and who waits for it, in order. A write that rests on both has to check that `line` is as read. */
export interface SlotWithLine {
  readonly slot: Slot;
  readonly line: readonly Waiter[];
}

/**
 * The slot and its line, read strongly by one query: they stand in one partition. What succeeded there stands in it
 * too, before the slot, and is not read.
 */
export async function slotWithLine(
  ctx: StoreContext,
  projectId: string,
  environment: string,
): Promise<SlotWithLine> {
  const { pk, sk } = slotKey(projectId, environment);
  const where = { expression: 'pk = :pk AND sk >= :slot', values: { ':pk': pk, ':slot': sk } };
  let page = await queryPage(ctx, { where, consistent: true });
  const items = [...page.items];
  while (page.next !== undefined) {
    page = await queryPage(ctx, { where, consistent: true, after: page.next });
    items.push(...page.items);
  }
  const slot = items.find(({ kind }) => kind === 'slot');
  return {
    slot: slot === undefined ? unused(projectId, environment) : slotFrom(slot),
    line: items
      .filter(({ kind }) => kind === 'waiter')
      .map(waiterFrom)
      .sort(inOrder),
  };
}

export function slotFrom(item: Item): Slot {
  const { pk: _pk, sk: _sk, kind: _kind, v: _v, ...slot } = item;
  // Only slotItem writes these items, from a Slot.
  return slot as unknown as Slot;
}

export function slotItem(slot: Slot): Item {
  return { ...slotKey(slot.projectId, slot.environment), kind: 'slot', v: SLOT_SHAPE, ...slot };
}

/** The slot as its next owner has it: the fence rises, so that late calls of the last owner are known. */
export function takenBy(slot: Slot, deploymentId: string, since: string, reason: string): Slot {
  return { ...slot, owner: deploymentId, since, reason, fence: slot.fence + 1, line: slot.line + 1 };
}

/** The slot as nobody has it. What changes with it raises `line`. */
export function freed({ owner: _owner, since: _since, reason: _reason, ...slot }: Slot): Slot {
  return { ...slot, line: slot.line + 1 };
}

/** Rewrites a slot that stands as it was read: nobody took it, gave it back, joined its line or left it meanwhile. */
export const rewriteSlot = (read: Slot, next: Slot): Write => ({
  put: slotItem(next),
  condition: asRead(read),
});

function asRead({ owner, fence, line }: Slot): Condition {
  const names = { '#owner': 'owner', '#fence': 'fence', '#line': 'line' };
  const values = { ':fence': fence, ':line': line };
  const unmoved = '#fence = :fence AND #line = :line';
  return owner === undefined
    ? {
        // Without an item nobody ever had it, or its environment was made anew.
        expression: `attribute_not_exists(#owner) AND (attribute_not_exists(pk) OR (${unmoved}))`,
        names,
        values,
      }
    : { expression: `#owner = :owner AND ${unmoved}`, names, values: { ...values, ':owner': owner } };
}
