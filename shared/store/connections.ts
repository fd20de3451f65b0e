import type { Actor } from '../domain/access.ts';
import { MUST_NOT_EXIST, WHATEVER_IS_THERE } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, getItem, type Item, putItem, queryPage } from './engine.ts';
import { connectionKey, subscriptionKey, tokenSocketKey } from './keys.ts';

/** API Gateway cuts a socket after two hours; what its items leave behind goes ten minutes later. */
export const CONNECTION_SECONDS = 2 * 3600 + 600;
/** Sockets of one token that are forgotten at the same time. */
const PAGE = 25;

export interface Connection {
  readonly id: string;
  readonly actor: Actor;
  readonly topics: readonly string[];
  /** Those of them that it hears no more until it subscribes again, since it did not keep up. */
  readonly behind: readonly string[];
}

/** When what belongs to a socket that is opened now has no use any more (seconds since the epoch). */
export const socketExpiry = (ctx: StoreContext) => Math.floor(ctx.clock.now() / 1000) + CONNECTION_SECONDS;

/** Its token learns of it first, so that nothing is connected that would be missed when the token goes. */
export async function putConnection(ctx: StoreContext, id: string, actor: Actor): Promise<void> {
  const listed = { ...tokenSocketKey(actor.tokenId, id), kind: 'token-socket', v: 1, connectionId: id };
  await putItem(ctx, { ...listed, expiresAt: socketExpiry(ctx) }, WHATEVER_IS_THERE, 'live');
  const item = { ...connectionKey(id), kind: 'connection', v: 1, actor, expiresAt: socketExpiry(ctx) };
  await putItem(ctx, item, MUST_NOT_EXIST, 'live');
}

/** Undefined where the socket is gone, or was never announced. */
export async function getConnection(ctx: StoreContext, id: string): Promise<Connection | undefined> {
  const item = await getItem(ctx, connectionKey(id), { table: 'live' });
  return item === undefined ? undefined : connectionOf(id, item);
}

/** Written by this file only. */
const connectionOf = (id: string, item: Item): Connection => ({
  id,
  actor: item['actor'] as Actor,
  topics: textsOf(item['topics']),
  behind: textsOf(item['behind']),
});

/** A string set: `ADD` and `DELETE` change it without a read. */
const textsOf = (set: unknown): string[] => (set instanceof Set ? [...set].map(String) : []);

/** Forgets a socket and its subscriptions. `seenAt` names a topic where it was just found gone. */
export async function removeConnection(
  ctx: StoreContext,
  connectionId: string,
  seenAt?: string,
): Promise<void> {
  const item = await deleteItem(ctx, connectionKey(connectionId), WHATEVER_IS_THERE, 'live');
  const topics = new Set([...textsOf(item?.['topics']), ...(seenAt === undefined ? [] : [seenAt])]);
  const keys = [...topics].map((topic) => subscriptionKey(topic, connectionId));
  if (item !== undefined)
    keys.push(tokenSocketKey(connectionOf(connectionId, item).actor.tokenId, connectionId));
  await Promise.all(keys.map((key) => deleteItem(ctx, key, WHATEVER_IS_THERE, 'live')));
}

/**
 * Forgets every socket that a token opened: none of them hears anything from now on. The token has to be gone before,
 * or new ones may come.
 */
export async function removeConnectionsOf(ctx: StoreContext, tokenId: string): Promise<void> {
  const { pk } = tokenSocketKey(tokenId, '');
  for (let after: Item | undefined, first = true; first || after !== undefined; first = false) {
    const where = { expression: 'pk = :pk', values: { ':pk': pk } };
    const page = await queryPage(ctx, { table: 'live', where, consistent: true, limit: PAGE, after });
    await Promise.all(
      page.items.map(async ({ connectionId }) => {
        await removeConnection(ctx, String(connectionId));
        await deleteItem(ctx, tokenSocketKey(tokenId, String(connectionId)), WHATEVER_IS_THERE, 'live');
      }),
    );
    after = page.next;
  }
}
