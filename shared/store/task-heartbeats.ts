import type { Stage } from '../domain/status.ts';
import type { Machine } from '../platform/machine.ts';
import type { StoreContext } from './context.ts';
import { getItem } from './engine.ts';
import { taskTokenKey } from './keys.ts';

/**
 * Tells the machine that the work of a stage goes on. Nothing where no token waits for it: what matters then,
 * a deadline or a settlement, is somebody else's.
 */
export async function heartbeatStage(
  ctx: StoreContext,
  machine: Pick<Machine, 'heartbeat'>,
  deploymentId: string,
  stage: Stage,
  round: number,
): Promise<void> {
  const item = await getItem(ctx, taskTokenKey(deploymentId, stage, round), { consistent: false });
  const token = item?.['token'];
  if (typeof token === 'string' && item?.['answer'] === undefined) await machine.heartbeat(token);
}
