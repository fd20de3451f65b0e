import { isTerminal } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import { wakeGate } from './stages.ts';
import { everyOpenDeployment } from './work.ts';

/**
 * Lets the gate of everything that a freeze holds look again, because freezes have changed. A gate that goes on
 * waiting looks at the freezes once more after it has written so; together no end of a freeze goes unseen for
 * longer than the index lags, and then no longer than the freeze was to last.
 * @param projectId of this project only; absent: of all
 */
export async function wakeHeld(ctx: StoreContext, projectId: string | undefined): Promise<void> {
  for await (const id of everyOpenDeployment(ctx)) {
    const found = await getDeployment(ctx, id);
    if (found?.status !== 'held' || (projectId !== undefined && found.projectId !== projectId)) continue;
    await wakeGate(ctx, id, (current) => (isTerminal(current.status) ? undefined : {}));
  }
}
