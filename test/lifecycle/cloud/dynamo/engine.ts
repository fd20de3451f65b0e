import {
  type AttributeValue,
  type BatchGetItemCommandInput,
  type CancellationReason,
  ConditionalCheckFailedException,
  type DeleteItemCommandInput,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  ResourceNotFoundException,
  TransactionCanceledException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { readCapacity, writeCapacity } from './capacity.ts';
import { type Attributes, holds, InvalidRequest, type Substitutes, updated } from './evaluate.ts';
import { parseCondition, parseUpdate } from './parse.ts';
import { query } from './query.ts';
import { keyOf, type Table } from './table.ts';

interface Conditional {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

/** One write, put in one form whatever it came as. */
interface OneWrite {
  readonly table: Table;
  readonly key: { readonly pk: string; readonly sk: string };
  readonly request: Conditional;
  /** The item as it shall be; undefined: gone. */
  readonly next: (current: Attributes | undefined, given: Substitutes) => Attributes | undefined;
}

const METADATA = { $metadata: {} };
const consumed = (CapacityUnits: number) => ({ ConsumedCapacity: { CapacityUnits } });
/** A repeated transaction with the same token does nothing for this long (ms). */
const TOKEN_MS = 600_000;

/**
 * DynamoDB in memory, at the level of the client's commands: conditions, updates, transactions, queries, indexes,
 * streams. The contract suite beside it runs on this and on a real engine.
 */
export class Dynamo {
  readonly #tables: Readonly<Record<string, Table>>;
  readonly #now: () => number;
  readonly #done = new Map<string, number>();

  constructor(tables: Readonly<Record<string, Table>>, now: () => number) {
    this.#tables = tables;
    this.#now = now;
  }

  /** Carries out a command, named without its `Command`. */
  execute(operation: string, input: unknown): object {
    // Which input belongs to which command is the SDK's promise.
    switch (operation) {
      case 'GetItem':
        return this.#get(input as GetItemCommandInput);
      case 'BatchGetItem':
        return this.#getMany(input as BatchGetItemCommandInput);
      case 'PutItem':
        return this.#single(putOf(this.#table, input as PutItemCommandInput), 'NONE');
      case 'UpdateItem':
        return this.#single(updateOf(this.#table, input as UpdateItemCommandInput), 'ALL_NEW');
      case 'DeleteItem':
        return this.#single(deleteOf(this.#table, input as DeleteItemCommandInput), 'ALL_OLD');
      case 'TransactWriteItems':
        return this.#transact(input as TransactWriteItemsCommandInput);
      case 'Query': {
        const request = input as QueryCommandInput;
        const found = query(this.#table(request.TableName), request);
        return {
          ...METADATA,
          ...consumed(readCapacity(found.Items, request.ConsistentRead ?? false)),
          ...found,
        };
      }
      default:
        throw new InvalidRequest(`There is no operation ${operation} here.`);
    }
  }

  #table = (name: string | undefined): Table => {
    const table = this.#tables[name ?? ''];
    if (table !== undefined) return table;
    throw new ResourceNotFoundException({ message: `No table ${name}`, ...METADATA });
  };

  #get({ TableName, Key, ConsistentRead = false }: GetItemCommandInput): object {
    const { pk, sk } = keyOf(Key ?? {});
    const found = this.#table(TableName).get(pk, sk);
    const used = consumed(readCapacity(found === undefined ? [] : [found], ConsistentRead));
    return { ...METADATA, ...used, ...(found === undefined ? {} : { Item: { ...found } }) };
  }

  #getMany({ RequestItems = {} }: BatchGetItemCommandInput): object {
    const found = Object.entries(RequestItems).map(([name, { Keys = [], ConsistentRead = false }]) => {
      const items = Keys.map(keyOf)
        .map(({ pk, sk }) => this.#table(name).get(pk, sk))
        .filter((item) => item !== undefined);
      return { name, items, units: items.map((item) => readCapacity([item], ConsistentRead)) };
    });
    return {
      ...METADATA,
      Responses: Object.fromEntries(
        found.map(({ name, items }) => [name, items.map((item) => ({ ...item }))]),
      ),
      UnprocessedKeys: {},
      ConsumedCapacity: found.map(({ name, units }) => ({
        TableName: name,
        CapacityUnits: units.reduce((sum, one) => sum + one, 0),
      })),
    };
  }

  #single(write: OneWrite, returns: 'NONE' | 'ALL_NEW' | 'ALL_OLD'): object {
    const { table, key } = write;
    const current = table.get(key.pk, key.sk);
    if (!admits(write, current)) {
      throw new ConditionalCheckFailedException({
        message: 'The conditional request failed',
        ...METADATA,
        ...(current === undefined ? {} : { Item: { ...current } }),
      });
    }
    const next = write.next(current, substitutes(write.request));
    const used = consumed(writeCapacity(table, current, next));
    table.write(key.pk, key.sk, next);
    const shown = returns === 'ALL_NEW' ? next : returns === 'ALL_OLD' ? current : undefined;
    return { ...METADATA, ...used, ...(shown === undefined ? {} : { Attributes: { ...shown } }) };
  }

  #transact({ TransactItems = [], ClientRequestToken: token }: TransactWriteItemsCommandInput): object {
    const done = token === undefined ? undefined : this.#done.get(token);
    if (done !== undefined && done + TOKEN_MS > this.#now()) return { ...METADATA };
    const writes = TransactItems.map((item) => oneOf(this.#table, item));
    const places = new Set(writes.map(({ table, key }) => JSON.stringify([key, this.#nameOf(table)])));
    if (places.size < writes.length) throw new InvalidRequest('A transaction names an item twice.');
    const found = writes.map(({ table, key }) => table.get(key.pk, key.sk));
    const reasons = writes.map((write, i): CancellationReason => {
      if (admits(write, found[i])) return { Code: 'None' };
      const item = found[i];
      return { Code: 'ConditionalCheckFailed', ...(item === undefined ? {} : { Item: { ...item } }) };
    });
    if (reasons.some(({ Code }) => Code !== 'None')) {
      throw new TransactionCanceledException({
        message: `Transaction cancelled [${reasons.map(({ Code }) => Code).join(', ')}]`,
        CancellationReasons: reasons,
        ...METADATA,
      });
    }
    const next = writes.map((write, i) => write.next(found[i], substitutes(write.request)));
    // A transaction takes everything twice: once to prepare, once to commit.
    const ConsumedCapacity = writes.map(({ table }, i) => ({
      CapacityUnits: 2 * writeCapacity(table, found[i], next[i]),
    }));
    for (const [i, { table, key }] of writes.entries()) table.write(key.pk, key.sk, next[i]);
    if (token !== undefined) this.#done.set(token, this.#now());
    return { ...METADATA, ConsumedCapacity };
  }

  #nameOf = (table: Table) => Object.entries(this.#tables).find(([, one]) => one === table)?.[0];
}

type Find = (name: string | undefined) => Table;

const putOf = (find: Find, input: PutItemCommandInput): OneWrite => ({
  table: find(input.TableName),
  key: keyOf(input.Item ?? {}),
  request: input,
  next: () => ({ ...input.Item }),
});

function updateOf(find: Find, input: UpdateItemCommandInput): OneWrite {
  const key = input.Key ?? {};
  return {
    table: find(input.TableName),
    key: keyOf(key),
    request: input,
    next: (current, given) =>
      updated(current ?? { ...key }, parseUpdate(input.UpdateExpression ?? ''), given),
  };
}

const deleteOf = (find: Find, input: DeleteItemCommandInput): OneWrite => ({
  table: find(input.TableName),
  key: keyOf(input.Key ?? {}),
  request: input,
  next: () => undefined,
});

function oneOf(find: Find, { Put, Update, Delete, ConditionCheck }: TransactWriteItem): OneWrite {
  if (Put !== undefined) return putOf(find, Put);
  if (Update !== undefined) return updateOf(find, Update);
  if (Delete !== undefined) return deleteOf(find, Delete);
  if (ConditionCheck === undefined) throw new InvalidRequest('A write of a transaction says nothing.');
  return {
    table: find(ConditionCheck.TableName),
    key: keyOf(ConditionCheck.Key ?? {}),
    request: ConditionCheck,
    next: (current) => current,
  };
}

function admits({ request }: OneWrite, current: Attributes | undefined): boolean {
  const given = substitutes(request);
  refuseUnused(request);
  const { ConditionExpression: condition } = request;
  return condition === undefined || holds(current, parseCondition(condition), given);
}

const substitutes = (request: Conditional): Substitutes => ({
  names: request.ExpressionAttributeNames ?? {},
  values: request.ExpressionAttributeValues ?? {},
});

/** DynamoDB refuses names and values that no expression uses. */
function refuseUnused(request: Conditional): void {
  const texts = `${request.ConditionExpression ?? ''} ${request.UpdateExpression ?? ''}`;
  const used = new Set(texts.match(/[:#][A-Za-z0-9_]+/g) ?? []);
  const { names, values } = substitutes(request);
  for (const name of [...Object.keys(names), ...Object.keys(values)])
    if (!used.has(name)) throw new InvalidRequest(`${name} is defined and not used.`);
}
