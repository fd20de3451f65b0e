import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { transact } from './engine.ts';
import { getSlot, rewriteSlot } from './slot.ts';

/** Others move the slot meanwhile: it is read and written again, this often. */
const ATTEMPTS = 10;

/**
 * Takes pin and blocks off an environment; false where there were none. It raises `line`, so that whoever is about
 * to rewrite the slot from what was read before looks again and does not bring them back.
 */
export async function liftPin(ctx: StoreContext, projectId: string, environment: string): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const slot = await getSlot(ctx, projectId, environment);
    if (slot.pin === undefined && slot.blocked === undefined) return false;
    const { pin: _pin, blocked: _blocked, ...rest } = slot;
    try {
      await transact(ctx, [rewriteSlot(slot, { ...rest, line: slot.line + 1 })]);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new PlatformUnavailable(`The slot of ${environment} is being moved by too many at once.`);
}
