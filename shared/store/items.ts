import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { backOff, CONFLICT_ATTEMPTS, retried, tooBusy } from './conflicts.ts';
import type { StoreContext } from './context.ts';
import {
  CAPACITY,
  type Condition,
  encode,
  encodeCondition,
  type Item,
  type TableName,
  tableName,
  type Update,
} from './expressions.ts';
import type { Key } from './keys.ts';

/** Reads one item; strongly unless told otherwise, since most reads decide a write. */
export async function getItem(
  ctx: StoreContext,
  key: Key,
  options: { table?: TableName; consistent?: boolean } = {},
): Promise<Item | undefined> {
  const answer = await ctx.client.send(
    new GetItemCommand({
      TableName: tableName(ctx, options.table),
      Key: encode({ ...key }),
      ConsistentRead: options.consistent ?? true,
      ReturnConsumedCapacity: CAPACITY,
    }),
  );
  return answer.Item === undefined ? undefined : unmarshall(answer.Item);
}

/** As many as one call reads (DynamoDB's limit). */
const MOST_ITEMS = 100;

/**
 * Reads up to 100 items of Records in one call, in no order; those that are not there are left out. Not strongly, unless
 * that is asked for. What the database puts off (16 MB, a throttle) is asked for again.
 * @throws PlatformUnavailable where it puts off the same again and again
 */
export async function getItems(
  ctx: StoreContext,
  keys: readonly Key[],
  options: { readonly consistent?: boolean } = {},
): Promise<Item[]> {
  const table = tableName(ctx);
  const items: Item[] = [];
  let wanted = keys.slice(0, MOST_ITEMS).map((key) => encode({ ...key }));
  for (let attempt = 1; wanted.length > 0; attempt += 1) {
    const answer = await ctx.client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: wanted, ConsistentRead: options.consistent ?? false } },
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
    items.push(...(answer.Responses?.[table] ?? []).map((item) => unmarshall(item)));
    wanted = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (wanted.length === 0) break;
    if (attempt >= CONFLICT_ATTEMPTS) throw tooBusy(undefined);
    await backOff(ctx, attempt);
  }
  return items;
}

/** Puts one item under a condition; ConditionFailed carries the item that stood there. */
export async function putItem(
  ctx: StoreContext,
  item: Item,
  condition: Condition,
  table?: TableName,
): Promise<void> {
  await retried(ctx, async () => {
    await ctx.client.send(
      new PutItemCommand({
        TableName: tableName(ctx, table),
        Item: encode(item),
        ...encodeCondition(condition),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
  });
}

/** Updates one item under a condition and returns it as it is afterwards. */
export async function updateItem(
  ctx: StoreContext,
  key: Key,
  update: Update,
  table?: TableName,
): Promise<Item> {
  return retried(ctx, async () => {
    const answer = await ctx.client.send(
      new UpdateItemCommand({
        TableName: tableName(ctx, table),
        Key: encode({ ...key }),
        UpdateExpression: update.update,
        ...encodeCondition(update),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
    return unmarshall(answer.Attributes ?? {});
  });
}

/** Deletes one item under a condition and returns what it was; undefined where nothing was there. */
export async function deleteItem(
  ctx: StoreContext,
  key: Key,
  condition: Condition,
  table?: TableName,
): Promise<Item | undefined> {
  return retried(ctx, async () => {
    const answer = await ctx.client.send(
      new DeleteItemCommand({
        TableName: tableName(ctx, table),
        Key: encode({ ...key }),
        ...encodeCondition(condition),
        ReturnValues: 'ALL_OLD',
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
    return answer.Attributes === undefined ? undefined : unmarshall(answer.Attributes);
  });
}
