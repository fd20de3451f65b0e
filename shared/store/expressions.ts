import type { ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
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
/** Asked of every call: what it consumed is part of a deployment's price. */
export const CAPACITY: ReturnConsumedCapacity = 'TOTAL';

export const tableName = (ctx: StoreContext, table: TableName = 'records') =>
  table === 'live' ? ctx.liveTable : ctx.recordsTable;

export const encode = (value: Readonly<Record<string, unknown>>) => marshall(value, MARSHALL);
const encodeValues = (values: Condition['values']) =>
  values === undefined || Object.keys(values).length === 0 ? undefined : encode(values);
const encodeNames = (names: Condition['names']) =>
  names === undefined || Object.keys(names).length === 0 ? undefined : { ...names };

export const encodeSubstitutes = ({ names, values }: Condition) => ({
  ExpressionAttributeNames: encodeNames(names),
  ExpressionAttributeValues: encodeValues(values),
});

export const encodeCondition = (condition: Condition) => ({
  ConditionExpression: condition.expression,
  ...encodeSubstitutes(condition),
});
