import { EVERYBODY, estimatedViewers, SAMPLE, type Slice } from '../domain/audience.ts';
import { MANY_VIEWERS } from '../domain/flush.ts';
import type { LineFilter } from '../domain/log-filter.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_EXIST, WHATEVER_IS_THERE } from './conditions.ts';
import { getConnection, socketExpiry } from './connections.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, type Item, putItem, queryPage, updateItem } from './engine.ts';
import { audienceOfTopic, connectionKey, placeOf, placeText, subscriptionKey } from './keys.ts';

/** Topics of one socket at the same time. */
export const MOST_TOPICS = 50;

/** A socket that watches a topic. */
export interface Viewer {
  readonly connectionId: string;
  readonly filter: LineFilter;
  /** Of a project: the environments that its actor may see; absent: all. */
  readonly environments?: readonly string[] | undefined;
  /** Where it stands among the viewers of the topic (shared/domain/audience.ts). */
  readonly place: number;
  /** Another one with each subscribe. */
  readonly subscription: string;
}

/** What a subscription wants to see of its topic, what of it it may, and until when (ISO time of its token's end). */
export type Wanted = Partial<Pick<Viewer, 'filter' | 'environments'>> & {
  readonly until?: string | undefined;
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
        update: 'ADD topics :topics DELETE behind :topics',
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
  const key = subscriptionKey(topic, connectionId);
  const most = socketExpiry(ctx);
  const expiresAt = until === undefined ? most : Math.min(most, Math.floor(Date.parse(until) / 1000));
  const subscription = ctx.random.secret(9);
  const wanted = { connectionId, subscription, filter, environments, expiresAt };
  await putItem(ctx, { ...key, kind: 'subscription', v: 2, ...wanted }, WHATEVER_IS_THERE, 'live');
  // Who removed the connection in between may have looked for this subscription before it was there.
  if ((await getConnection(ctx, connectionId)) !== undefined) return 'subscribed';
  await deleteItem(ctx, key, WHATEVER_IS_THERE, 'live');
  return 'gone';
}

export async function unsubscribe(ctx: StoreContext, connectionId: string, topic: string): Promise<void> {
  await deleteItem(ctx, subscriptionKey(topic, connectionId), WHATEVER_IS_THERE, 'live');
  await changeTopics(ctx, connectionId, 'DELETE topics :topics, behind :topics', topic);
}

/**
 * Ends the subscription of a viewer that does not keep up. The topic stays with its connection, since whoever subscribes
 * at this moment may not be missed when the connection is removed; it is noted that nothing of it is heard.
 * @returns false where that was done already, or where the socket has subscribed anew
 */
export async function fallBehind(ctx: StoreContext, viewer: Viewer, topic: string): Promise<boolean> {
  const { connectionId, subscription } = viewer;
  const asRead = { expression: 'subscription = :subscription', values: { ':subscription': subscription } };
  try {
    await deleteItem(ctx, subscriptionKey(topic, connectionId), asRead, 'live');
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
  await changeTopics(ctx, connectionId, 'ADD behind :topics', topic);
  return true;
}

async function changeTopics(ctx: StoreContext, connectionId: string, update: string, topic: string) {
  const change = { update, expression: MUST_EXIST.expression, values: { ':topics': new Set([topic]) } };
  try {
    await updateItem(ctx, connectionKey(connectionId), change, 'live');
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** How many watch a topic, about, and who: that only where they are few. */
export interface Audience {
  readonly about: number;
  readonly viewers: readonly Viewer[] | undefined;
}

/**
 * Who watches a topic now, in one query. Strongly read: a subscription that was put before a chunk is seen after it,
 * and a chunk that was put before a subscription is seen by its replay; so no line falls between the two.
 */
export async function audienceOf(ctx: StoreContext, topic: string): Promise<Audience> {
  const viewers: Viewer[] = [];
  for await (const viewer of viewersIn(ctx, topic, EVERYBODY, SAMPLE)) {
    viewers.push(viewer);
    if (viewers.length === SAMPLE)
      return { about: estimatedViewers(SAMPLE, viewer.place), viewers: undefined };
  }
  return { about: viewers.length, viewers: viewers.length > MANY_VIEWERS ? undefined : viewers };
}

/** The viewers in a slice, in the order of their places; strongly read, a page at a time. */
export async function* viewersIn(
  ctx: StoreContext,
  topic: string,
  { from, until }: Slice,
  limit?: number,
): AsyncGenerator<Viewer> {
  const values = { ':pk': audienceOfTopic(topic), ':from': placeText(from), ':until': placeText(until) };
  const now = ctx.clock.now() / 1000;
  let after: Item | undefined;
  do {
    const page = await queryPage(ctx, {
      table: 'live',
      // A key has more than its place, so none is equal to the bare `until`.
      where: { expression: 'pk = :pk AND sk BETWEEN :from AND :until', values },
      consistent: true,
      limit,
      after,
    });
    for (const item of page.items) if (Number(item['expiresAt']) > now) yield viewerOf(item);
    after = page.next;
  } while (after !== undefined);
}

/** Written by `subscribe` only. */
const viewerOf = (item: Item): Viewer => ({
  connectionId: String(item['connectionId']),
  subscription: String(item['subscription']),
  place: placeOf(String(item['connectionId'])),
  filter: (item['filter'] ?? {}) as LineFilter,
  environments: item['environments'] as string[] | undefined,
});
