import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type ReturnConsumedCapacity,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import type { Key } from './keys.ts';

/** An item as plain JavaScript. Keys and index attributes included. */
export type Item = Readonly<Record<string, unknown>>;
export type TableName = 'records' | 'live';

/** A sentence-named condition with the names and values that it uses (`:x`, `#x`). */
export interface Condition {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

export interface Update extends Condition {
  /** The update expression; `expression` is its condition. */
  readonly update: string;
}

/** One write of a transaction. */
export type Write =
  | { readonly put: Item; readonly table?: TableName; readonly condition: Condition }
  | { readonly key: Key; readonly table?: TableName; readonly update: Update }
  | { readonly deleteKey: Key; readonly table?: TableName; readonly condition: Condition }
  | { readonly checkKey: Key; readonly table?: TableName; readonly condition: Condition };

const MARSHALL = { removeUndefinedValues: true } as const;
const CAPACITY: ReturnConsumedCapacity = 'TOTAL';
/** A conflicting transaction is tried again this often before the service is said to be busy. */
const CONFLICT_ATTEMPTS = 8;

export const tableName = (ctx: StoreContext, table: TableName = 'records') =>
  table === 'live' ? ctx.liveTable : ctx.recordsTable;

const encode = (value: Readonly<Record<string, unknown>>) => marshall(value, MARSHALL);
const encodeValues = (values: Condition['values']) =>
  values === undefined || Object.keys(values).length === 0 ? undefined : encode(values);
const encodeNames = (names: Condition['names']) =>
  names === undefined || Object.keys(names).length === 0 ? undefined : { ...names };

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
  ctx.meter?.add({ read: answer.ConsumedCapacity?.CapacityUnits ?? 0 });
  return answer.Item === undefined ? undefined : unmarshall(answer.Item);
}

/** Puts one item under a condition; ConditionFailed carries the item that stood there. */
export async function putItem(
  ctx: StoreContext,
  item: Item,
  condition: Condition,
  table?: TableName,
): Promise<void> {
  await translated(ctx, async () => {
    const answer = await ctx.client.send(
      new PutItemCommand({
        TableName: tableName(ctx, table),
        Item: encode(item),
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: encodeNames(condition.names),
        ExpressionAttributeValues: encodeValues(condition.values),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
    ctx.meter?.add({ write: answer.ConsumedCapacity?.CapacityUnits ?? 0 });
  });
}

/** Updates one item under a condition and returns it as it is afterwards. */
export async function updateItem(
  ctx: StoreContext,
  key: Key,
  update: Update,
  table?: TableName,
): Promise<Item> {
  return translated(ctx, async () => {
    const answer = await ctx.client.send(
      new UpdateItemCommand({
        TableName: tableName(ctx, table),
        Key: encode({ ...key }),
        UpdateExpression: update.update,
        ConditionExpression: update.expression,
        ExpressionAttributeNames: encodeNames(update.names),
        ExpressionAttributeValues: encodeValues(update.values),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
    ctx.meter?.add({ write: answer.ConsumedCapacity?.CapacityUnits ?? 0 });
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
  return translated(ctx, async () => {
    const answer = await ctx.client.send(
      new DeleteItemCommand({
        TableName: tableName(ctx, table),
        Key: encode({ ...key }),
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: encodeNames(condition.names),
        ExpressionAttributeValues: encodeValues(condition.values),
        ReturnValues: 'ALL_OLD',
        ReturnConsumedCapacity: CAPACITY,
      }),
    );
    ctx.meter?.add({ write: answer.ConsumedCapacity?.CapacityUnits ?? 0 });
    return answer.Attributes === undefined ? undefined : unmarshall(answer.Attributes);
  });
}

export interface QueryOptions {
  readonly table?: TableName | undefined;
  readonly index?: string | undefined;
  /** Key condition, e.g. `pk = :pk AND begins_with(sk, :sk)`. */
  readonly where: Condition;
  readonly limit?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  /** Key to go on after, as an earlier page returned it. */
  readonly after?: Item | undefined;
  /** Default false: lists are eventually consistent; true where the answer decides a write (not on an index). */
  readonly consistent?: boolean | undefined;
}

export interface Page {
  readonly items: readonly Item[];
  /** Present while there may be more. */
  readonly next?: Item | undefined;
}

/** One query, one page. */
export async function queryPage(ctx: StoreContext, options: QueryOptions): Promise<Page> {
  const answer = await ctx.client.send(
    new QueryCommand({
      TableName: tableName(ctx, options.table),
      IndexName: options.index,
      KeyConditionExpression: options.where.expression,
      ExpressionAttributeNames: encodeNames(options.where.names),
      ExpressionAttributeValues: encodeValues(options.where.values),
      Limit: options.limit,
      ScanIndexForward: options.order !== 'desc',
      ExclusiveStartKey: options.after === undefined ? undefined : encode(options.after),
      ConsistentRead: options.consistent ?? false,
      ReturnConsumedCapacity: CAPACITY,
    }),
  );
  ctx.meter?.add({ read: answer.ConsumedCapacity?.CapacityUnits ?? 0 });
  const items = (answer.Items ?? []).map((item: Record<string, AttributeValue>) => unmarshall(item));
  return answer.LastEvaluatedKey === undefined
    ? { items }
    : { items, next: unmarshall(answer.LastEvaluatedKey) };
}

/**
 * Writes all or nothing. A conflict with another transaction is not the caller's: it is tried again with jitter.
 * `token` makes a repeat of the very same transaction a no-op for ten minutes (at most 36 characters).
 */
export async function transact(ctx: StoreContext, writes: readonly Write[], token?: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await ctx.client.send(
        new TransactWriteItemsCommand({
          TransactItems: writes.map((write) => encodeWrite(ctx, write)),
          ClientRequestToken: token,
          ReturnConsumedCapacity: CAPACITY,
        }),
      );
      for (const used of answer.ConsumedCapacity ?? []) ctx.meter?.add({ write: used.CapacityUnits ?? 0 });
      return;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const failed = reasons.flatMap((reason, i) => (reason.Code === 'ConditionalCheckFailed' ? [i] : []));
      if (failed.length > 0) throw conditionFailed(failed, reasons, error);
      if (attempt >= CONFLICT_ATTEMPTS) throw tooBusy(error);
      await backOff(ctx, attempt);
    }
  }
}

function encodeWrite(ctx: StoreContext, write: Write): TransactWriteItem {
  const TableName = tableName(ctx, write.table);
  const old = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if ('put' in write) {
    return { Put: { TableName, Item: encode(write.put), ...encodeCondition(write.condition), ...old } };
  }
  if ('key' in write) {
    return {
      Update: {
        TableName,
        Key: encode({ ...write.key }),
        UpdateExpression: write.update.update,
        ...encodeCondition(write.update),
        ...old,
      },
    };
  }
  if ('deleteKey' in write) {
    return {
      Delete: { TableName, Key: encode({ ...write.deleteKey }), ...encodeCondition(write.condition), ...old },
    };
  }
  return {
    ConditionCheck: {
      TableName,
      Key: encode({ ...write.checkKey }),
      ...encodeCondition(write.condition),
      ...old,
    },
  };
}

const encodeCondition = (condition: Condition) => ({
  ConditionExpression: condition.expression,
  ExpressionAttributeNames: encodeNames(condition.names),
  ExpressionAttributeValues: encodeValues(condition.values),
});

function conditionFailed(
  failed: readonly number[],
  reasons: readonly { Item?: Record<string, AttributeValue> | undefined }[],
  cause: unknown,
): ConditionFailed {
  const items: Record<number, Item> = {};
  for (const i of failed) {
    const item = reasons[i]?.Item;
    if (item !== undefined && Object.keys(item).length > 0) items[i] = unmarshall(item);
  }
  // The cause is for the log, which is not the place for what an item holds.
  for (const reason of reasons) delete reason.Item;
  return new ConditionFailed(failed, items, { cause });
}

/** A single write that meets a transaction on its way is refused as well; it waits like a transaction does. */
async function translated<T>(ctx: StoreContext, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        throw conditionFailed([0], [error], error);
      }
      if (!(error instanceof TransactionConflictException)) throw error;
      if (attempt >= CONFLICT_ATTEMPTS) throw tooBusy(error);
      await backOff(ctx, attempt);
    }
  }
}

const backOff = (ctx: StoreContext, attempt: number) =>
  ctx.clock.sleep(20 * 2 ** attempt * (0.5 + ctx.random.unit() / 2));

const tooBusy = (cause: unknown) =>
  new PlatformUnavailable('DynamoDB kept refusing a write because of concurrent ones.', {
    cause,
    suggestion: 'Try again in a few seconds.',
  });
