import { expect, test } from 'vitest';
import { freshStore } from '../../../support/store.ts';
import { dynamoContract } from './contract.ts';
import { inMemory } from './memory.ts';
import type { Change } from './table.ts';

dynamoContract('the engine in memory', async () => inMemory());
dynamoContract('a real engine', freshStore);

test('the stream tells of each change with the item before and after', () => {
  const changes: Change[] = [];
  const { client } = inMemory(undefined, (change) => changes.push(change));
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
