import type { Units } from '../../shared/domain/cost.ts';
import { onAccount, spentOn } from '../../shared/platform/account.ts';

/** What a piece of work spends, whatever comes of it. */
export async function spentBy(work: () => Promise<unknown>): Promise<Units> {
  const owner = 'dep_spent';
  await onAccount({ owner }, work);
  return spentOn(owner);
}
