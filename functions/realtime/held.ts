import { Unauthenticated } from '../../shared/errors/requests.ts';
import { type Connection, removeConnection } from '../../shared/store/connections.ts';
import { requireStillHeld } from '../../shared/store/tokens.ts';
import type { RealtimeDeps } from './deps.ts';

/**
 * A socket outlives the request that opened it by hours, and may not outlive its token: it is forgotten with it.
 * @throws Unauthenticated where the token is gone
 */
export async function stillHeld(
  { store }: RealtimeDeps,
  { id, actor }: Pick<Connection, 'id' | 'actor'>,
): Promise<void> {
  try {
    await requireStillHeld(store, actor);
  } catch (error) {
    if (error instanceof Unauthenticated) await removeConnection(store, id);
    throw error;
  }
}
