import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { IndexShape } from '../../../../shared/store/tables.ts';
import { type Attributes, holds, InvalidRequest, type Substitutes } from './evaluate.ts';
import { type ConditionTree, parseCondition } from './parse.ts';
import { compare, type Table } from './table.ts';

export interface Found {
  readonly Items: Record<string, AttributeValue>[];
  readonly LastEvaluatedKey?: Record<string, AttributeValue>;
}

/** One page of a query: key condition, order, limit and where to go on. */
export function query(table: Table, input: QueryCommandInput): Found {
  const index = indexOf(table, input.IndexName);
  if (index !== undefined && input.ConsistentRead === true)
    throw new InvalidRequest('An index cannot be read strongly.');
  const given: Substitutes = {
    names: input.ExpressionAttributeNames ?? {},
    values: input.ExpressionAttributeValues ?? {},
  };
  const tree = parseCondition(input.KeyConditionExpression ?? '');
  const pk = partitionIn(tree, index?.partition ?? 'pk', given);
  const items = table.partition(pk, index);
  if (input.ScanIndexForward === false) items.reverse();
  const after = input.ExclusiveStartKey;
  const place = after === undefined ? undefined : sortText(after, index);
  const isBeyond = (item: Attributes) => {
    if (place === undefined) return true;
    const side = compare(sortText(item, index), place);
    return input.ScanIndexForward === false ? side < 0 : side > 0;
  };
  const limit = input.Limit ?? Number.POSITIVE_INFINITY;
  const page: Attributes[] = [];
  for (const item of items) {
    if (page.length >= limit) break;
    if (isBeyond(item) && holds(item, tree, given)) page.push(item);
  }
  const last = page.at(-1);
  // Like the service, a page that is just full says that there may be more.
  const next = page.length >= limit && last !== undefined ? { LastEvaluatedKey: keysOf(last, index) } : {};
  return { Items: page.map((item) => ({ ...item })), ...next };
}

function indexOf(table: Table, name: string | undefined): IndexShape | undefined {
  if (name === undefined) return undefined;
  const found = table.shape.indexes.find((index) => index.name === name);
  if (found === undefined) throw new InvalidRequest(`There is no index ${name}.`);
  return found;
}

function partitionIn(tree: ConditionTree, name: string, given: Substitutes): string {
  const parts = tree.kind === 'and' ? tree.parts : [tree];
  for (const part of parts) {
    if (part.kind !== 'compare' || part.sign !== '=') continue;
    const { left, right } = part;
    if (left.kind !== 'path' || right.kind !== 'value') continue;
    const [first] = left.path;
    const attribute = typeof first === 'string' && first.startsWith('#') ? given.names[first] : first;
    const value = given.values[right.name]?.S;
    if (attribute === name && value !== undefined) return value;
  }
  throw new InvalidRequest(`The key condition names no ${name}.`);
}

/** The whole place of an item in the order of the query, so that equal sort keys are told apart. */
function sortText(item: Attributes, index: IndexShape | undefined): string {
  const parts = index === undefined ? ['sk'] : [index.sort, 'pk', 'sk'];
  return parts.map((name) => item[name]?.S ?? '').join('\u0000');
}

function keysOf(item: Attributes, index: IndexShape | undefined): Record<string, AttributeValue> {
  const names = index === undefined ? ['pk', 'sk'] : ['pk', 'sk', index.partition, index.sort];
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}
