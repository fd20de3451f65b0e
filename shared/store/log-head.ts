import type { StoreContext } from './context.ts';
import { queryPage } from './engine.ts';
import { logChunkKey } from './keys.ts';
import { EMPTY_TAIL, fromHeadItem, HEAD_ATTRIBUTES, type LogTail } from './log-chunk.ts';

/**
 * How far a log has come, without its lines and at half the price of a strong read. It may lag by moments: for who asks again soon anyway,
 * never for who decides a write by it.
 */
export async function readHead(
  ctx: StoreContext,
  deploymentId: string,
): Promise<Pick<LogTail, 'lines' | 'ended'>> {
  const { items } = await queryPage(ctx, {
    table: 'live',
    where: { expression: 'pk = :pk', values: { ':pk': logChunkKey(deploymentId, 0).pk } },
    order: 'desc',
    limit: 1,
    only: HEAD_ATTRIBUTES,
  });
  const [last] = items;
  return last === undefined ? EMPTY_TAIL : fromHeadItem(last);
}
