import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { counted } from '../../../../shared/platform/aws.ts';
import { LIVE, RECORDS } from '../../../../shared/store/tables.ts';
import { Dynamo } from './engine.ts';
import { type Change, Table } from './table.ts';

interface InMemory {
  readonly client: DynamoDBClient;
  readonly recordsTable: string;
  readonly liveTable: string;
}

/** Empty tables of the service on the engine in memory, behind the one method of the client that the store uses. */
export function inMemory(
  now: () => number = () => 0,
  onChange: (change: Change) => void = () => {},
): InMemory {
  const records = new Table(RECORDS);
  records.listeners.push(onChange);
  const dynamo = new Dynamo({ records, live: new Table(LIVE) }, now);
  const send = async (command: {
    readonly input: object;
    readonly constructor: { readonly name: string };
  }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    return counted(operation, command.input, async () => dynamo.execute(operation, command.input));
  };
  // The store calls `send` and nothing else.
  return { client: { send } as unknown as DynamoDBClient, recordsTable: 'records', liveTable: 'live' };
}
