import type { Freeze } from '../domain/freezes.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_EXIST, MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, getItem, type Item, queryPage, type Write } from './engine.ts';
import { allFreezes, freezeKey } from './keys.ts';

/** More than anybody plans at once, and still one page for a gate. */
export const MAX_FREEZES = 200;

const freezeFrom = (item: Item): Freeze => {
  const { pk: _pk, sk: _sk, kind: _kind, v: _v, ...freeze } = item;
  // Only createFreeze writes these items, from a Freeze.
  return freeze as unknown as Freeze;
};

export const createFreeze = (freeze: Freeze): Write => ({
  put: { ...freezeKey(freeze.id), kind: 'freeze', v: 1, ...freeze },
  condition: MUST_NOT_EXIST,
});

export async function getFreeze(ctx: StoreContext, id: string): Promise<Freeze | undefined> {
  const item = await getItem(ctx, freezeKey(id));
  return item === undefined ? undefined : freezeFrom(item);
}

/** False where it was gone already. */
export async function deleteFreeze(ctx: StoreContext, id: string): Promise<boolean> {
  try {
    await deleteItem(ctx, freezeKey(id), MUST_EXIST);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** All freezes, as they are at this moment: a decision rests on them. One query. */
export async function allFreezesNow(ctx: StoreContext): Promise<readonly Freeze[]> {
  const page = await listFreezes(ctx, { limit: MAX_FREEZES, order: 'asc', consistent: true });
  return page.items;
}

export interface FreezePage {
  readonly items: readonly Freeze[];
  readonly next?: Item | undefined;
}

/** By creation: their ids rise with time. */
export async function listFreezes(
  ctx: StoreContext,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined; consistent?: boolean },
): Promise<FreezePage> {
  const page = await queryPage(ctx, {
    where: { expression: 'pk = :freezes', values: { ':freezes': allFreezes } },
    ...options,
  });
  return { items: page.items.map(freezeFrom), next: page.next };
}
