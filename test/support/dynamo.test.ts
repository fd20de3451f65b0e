import { PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { freshTables, type TableDefinition } from './dynamo.ts';

const keyed: TableDefinition = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
};

test('the engine refuses a write whose condition is false and says which part of a transaction it was', async () => {
  const { client, names } = await freshTables({ records: keyed });
  const put = {
    TableName: names.records,
    Item: { pk: { S: 'slot' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  await client.send(new PutItemCommand(put));

  await expect(client.send(new PutItemCommand(put))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
  const other = { ...put, Item: { pk: { S: 'other' } } };
  await expect(
    client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: other }, { Put: put }] })),
  ).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
  });
});

test('two sets of tables are not the same tables', async () => {
  const [first, second] = await Promise.all([freshTables({ live: keyed }), freshTables({ live: keyed })]);
  expect(first.names.live).not.toBe(second.names.live);
});
