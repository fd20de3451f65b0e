import type { Actor } from '../domain/access.ts';
import type { LineFilter } from '../domain/log-filter.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, getItem, type Item, putItem, queryPage, updateItem } from './engine.ts';
import { connectionKey, subscriptionKey, tokenSocketKey } from './keys.ts';

/** API Gateway cuts a socket after two hours; what its items leave behind goes ten minutes later. */
export const CONNECTION_SECONDS = 2 * 3600 + 600;
/** Topics of one socket at the same time. */
export const MOST_TOPICS = 50;
/** One partition carries a thousand subscribes a second; the key has room for more. */
const SHARD = 0;
/** Sockets of one token that are forgotten at the same time. */
const PAGE = 25;

export interface Connection {
  readonly id: string;
  readonly actor: Actor;
  readonly topics: readonly string[];
}

/** A socket that watches a topic. */
export interface Viewer {
  readonly connectionId: string;
  readonly filter: LineFilter;
  /** Of a project: the environments that its actor may see; absent: all. */
  readonly environments?: readonly string[] | undefined;
}

/** What a subscription wants to see of its topic, what of it it may, and until when (ISO time of its token's end). */
export type Wanted = Partial<Omit<Viewer, 'connectionId'>> & { readonly until?: string | undefined };

/** Conditions are asked of every write; here whatever stands there may go. */
const ANY = { expression: 'attribute_exists(pk) OR attribute_not_exists(pk)' };

const expiry = (ctx: StoreContext) => Math.floor(ctx.clock.now() / 1000) + CONNECTION_SECONDS;

/** Its token learns of it first, so that nothing is connected that would be missed when the token goes. */
export async function putConnection(ctx: StoreContext, id: string, actor: Actor): Promise<void> {
  const listed = { ...tokenSocketKey(actor.tokenId, id), kind: 'token-socket', v: 1, connectionId: id };
  await putItem(ctx, { ...listed, expiresAt: expiry(ctx) }, ANY, 'live');
  const item = { ...connectionKey(id), kind: 'connection', v: 1, actor, expiresAt: expiry(ctx) };
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
  topics: topicsOf(item),
});

/** A string set: `ADD` and `DELETE` change it without a read. */
const topicsOf = (item: Item | undefined): string[] => {
  const topics = item?.['topics'];
  return topics instanceof Set ? [...topics].map(String) : [];
};

/** `full`: the socket has `MOST_TOPICS` already. `gone`: it is not connected any more. */
export type Subscribed = 'subscribed' | 'full' | 'gone';

/**
 * Subscribes a socket to a topic; again with another filter is fine. The connection learns of the topic before the
 * subscription is there, so that whoever removes the connection later finds every subscription that may exist.
 */
export async function subscribe(
  ctx: StoreContext,
  connectionId: string,
  topic: string,
  { filter = {}, environments, until }: Wanted = {},
): Promise<Subscribed> {
  try {
    await updateItem(
      ctx,
      connectionKey(connectionId),
      {
        update: 'ADD topics :topics',
        expression:
          'attribute_exists(pk) AND (attribute_not_exists(topics) OR size(topics) < :most OR contains(topics, :topic))',
        values: { ':topics': new Set([topic]), ':topic': topic, ':most': MOST_TOPICS },
      },
      'live',
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return error.items[0] === undefined ? 'gone' : 'full';
  }
  const key = subscriptionKey(topic, SHARD, connectionId);
  const expiresAt =
    until === undefined ? expiry(ctx) : Math.min(expiry(ctx), Math.floor(Date.parse(until) / 1000));
  const item = { ...key, kind: 'subscription', v: 1, connectionId, filter, environments, expiresAt };
  await putItem(ctx, item, ANY, 'live');
  // Who removed the connection in between may have looked for this subscription before it was there.
  if ((await getConnection(ctx, connectionId)) !== undefined) return 'subscribed';
  await deleteItem(ctx, key, ANY, 'live');
  return 'gone';
}

export async function unsubscribe(ctx: StoreContext, connectionId: string, topic: string): Promise<void> {
  await deleteItem(ctx, subscriptionKey(topic, SHARD, connectionId), ANY, 'live');
  try {
    await updateItem(
      ctx,
      connectionKey(connectionId),
      {
        update: 'DELETE topics :topics',
        expression: 'attribute_exists(pk)',
        values: { ':topics': new Set([topic]) },
      },
      'live',
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Forgets a socket and its subscriptions. `seenAt` names a topic where it was just found gone. */
export async function removeConnection(
  ctx: StoreContext,
  connectionId: string,
  seenAt?: string,
): Promise<void> {
  const item = await deleteItem(ctx, connectionKey(connectionId), ANY, 'live');
  const topics = new Set([...topicsOf(item), ...(seenAt === undefined ? [] : [seenAt])]);
  const keys = [...topics].map((topic) => subscriptionKey(topic, SHARD, connectionId));
  if (item !== undefined)
    keys.push(tokenSocketKey(connectionOf(connectionId, item).actor.tokenId, connectionId));
  await Promise.all(keys.map((key) => deleteItem(ctx, key, ANY, 'live')));
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
        await deleteItem(ctx, tokenSocketKey(tokenId, String(connectionId)), ANY, 'live');
      }),
    );
    after = page.next;
  }
}

/**
 * Who watches a topic now. Strongly read: a subscription that was put before a chunk is seen after it, and a
 * chunk that was put before a subscription is seen by its replay; so no line falls between the two.
 */
export async function viewersOf(ctx: StoreContext, topic: string): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  let after: Item | undefined;
  const now = ctx.clock.now() / 1000;
  do {
    const page = await queryPage(ctx, {
      table: 'live',
      where: { expression: 'pk = :pk', values: { ':pk': subscriptionKey(topic, SHARD, '').pk } },
      consistent: true,
      after,
    });
    for (const item of page.items) if (Number(item['expiresAt']) > now) viewers.push(viewerOf(item));
    after = page.next;
  } while (after !== undefined);
  return viewers;
}

/** Written by `subscribe` only. */
const viewerOf = (item: Item): Viewer => ({
  connectionId: String(item['connectionId']),
  filter: (item['filter'] ?? {}) as LineFilter,
  environments: item['environments'] as string[] | undefined,
});
