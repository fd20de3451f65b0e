import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { StoreContext } from './context.ts';
import {
  CAPACITY,
  type Condition,
  encode,
  encodeSubstitutes,
  type Item,
  type TableName,
  tableName,
} from './expressions.ts';

export interface QueryOptions {
  readonly table?: TableName | undefined;
  readonly index?: string | undefined;
  /** Key condition, e.g. `pk = :pk AND begins_with(sk, :sk)`. */
  readonly where: Condition;
  readonly limit?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  /** Key to go on after, as an earlier page returned it. */
  readonly after?: Item | undefined;
  /** The attributes that are wanted; absent: all. It spares bytes on the way, not read units. */
  readonly only?: readonly string[] | undefined;
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
      ...encodeSubstitutes({ ...options.where, names: { ...options.where.names, ...namesOf(options.only) } }),
      ProjectionExpression: options.only?.map((name) => `#${name}`).join(', '),
      Limit: options.limit,
      ScanIndexForward: options.order !== 'desc',
      ExclusiveStartKey: options.after === undefined ? undefined : encode(options.after),
      ConsistentRead: options.consistent ?? false,
      ReturnConsumedCapacity: CAPACITY,
    }),
  );
  const items = (answer.Items ?? []).map((item: Record<string, AttributeValue>) => unmarshall(item));
  return answer.LastEvaluatedKey === undefined
    ? { items }
    : { items, next: unmarshall(answer.LastEvaluatedKey) };
}

const namesOf = (attributes: readonly string[] = []) =>
  Object.fromEntries(attributes.map((name) => [`#${name}`, name]));
