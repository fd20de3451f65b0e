import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { LIVE, RECORDS } from '../../../../shared/store/tables.ts';
import { freshStore } from '../../../support/store.ts';
import { dynamoContract, type Engine } from './contract.ts';
import { Dynamo } from './engine.ts';
import { type Change, Table } from './table.ts';

/** The engine in memory behind the one method of the client that the store uses. */
function inMemory(onChange: (change: Change) => void = () => {}): Engine {
  const records = new Table(RECORDS);
  records.listeners.push(onChange);
  const dynamo = new Dynamo({ records, live: new Table(LIVE) }, () => 0);
  const send = async (command: { readonly input: object; readonly constructor: { readonly name: string } }) =>
    dynamo.execute(command.constructor.name.replace(/Command$/, ''), command.input);
  // The store calls `send` and nothing else.
  return { client: { send } as unknown as DynamoDBClient, recordsTable: 'records', liveTable: 'live' };
}

dynamoContract('the engine in memory', async () => inMemory());
dynamoContract('a real engine', freshStore);

test('the stream tells of each change with the item before and after', () => {
  const changes: Change[] = [];
  const { client } = inMemory((change) => changes.push(change));
  const pk = { S: 'a' };
  const sk = { S: 'A' };
  const send = (name: string, input: object) =>
    // A command is its name and its input here.
    (client.send as unknown as (command: object) => Promise<unknown>)({ constructor: { name }, input });
  void send('PutItemCommand', { TableName: 'records', Item: { pk, sk, n: { N: '1' } } });
  void send('DeleteItemCommand', { TableName: 'records', Key: { pk, sk } });
  expect(changes).toEqual([
    { key: { pk: 'a', sk: 'A' }, before: undefined, after: { pk, sk, n: { N: '1' } } },
    { key: { pk: 'a', sk: 'A' }, before: { pk, sk, n: { N: '1' } }, after: undefined },
  ]);
});
