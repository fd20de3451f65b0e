import { COUNTERS, sumOf, type Units } from '../domain/cost.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, updateItem } from './engine.ts';
import { tallyKey } from './keys.ts';

/** Kept longer than an open deployment usually lasts; each addition begins it anew. */
const KEEP_SECONDS = 90 * 24 * 60 * 60;

const ANY = { expression: 'attribute_exists(pk) OR attribute_not_exists(pk)' };

/**
 * Adds what functions spent on a deployment whose record they do not write. One small item in Live, changed without
 * a read, so that it disturbs nobody; its deployment's settlement and the closing of its log take it into the record.
 */
export async function addToTally(ctx: StoreContext, deploymentId: string, units: Units): Promise<void> {
  const counted = COUNTERS.flatMap((name) => {
    const more = units[name];
    return more === undefined || more === 0 ? [] : [[name, more] as const];
  });
  if (counted.length === 0) return;
  await updateItem(
    ctx,
    tallyKey(deploymentId),
    {
      expression: ANY.expression,
      update: `SET expiresAt = :expiresAt, kind = :kind, v = :v ADD ${counted.map(([name]) => `${name} :${name}`).join(', ')}`,
      values: {
        ...Object.fromEntries(counted.map(([name, more]) => [`:${name}`, more])),
        ':expiresAt': Math.floor(ctx.clock.now() / 1000) + KEEP_SECONDS,
        ':kind': 'tally',
        ':v': 1,
      },
    },
    'live',
  );
}

/** Takes the tally away: what it held is the caller's to write. Whoever dies before that loses it, never counts twice. */
export async function takeTally(ctx: StoreContext, deploymentId: string): Promise<Units> {
  const item = await deleteItem(ctx, tallyKey(deploymentId), ANY, 'live');
  // Written by `addToTally` only.
  return item === undefined ? {} : sumOf({}, item as Units);
}
