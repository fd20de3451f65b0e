import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { LIVE, RECORDS, type TableShape } from '../../shared/store/tables.ts';

/** What makes a table besides its name; the tables of the service are described in shared/store. */
export type TableDefinition = Omit<CreateTableCommandInput, 'TableName'>;

/** Creates empty tables under names of their own; answers with the real name of each. */
export async function createTables<Name extends string>(
  client: DynamoDBClient,
  definitions: Readonly<Record<Name, TableDefinition>>,
): Promise<Readonly<Record<Name, string>>> {
  const suffix = ulid();
  const create = async ([name, definition]: [string, TableDefinition]): Promise<[string, string]> => {
    const TableName = `${name}-${suffix}`;
    await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...definition, TableName }));
    return [name, TableName];
  };
  const created = await Promise.all(Object.entries<TableDefinition>(definitions).map(create));
  // Object.fromEntries forgets which names went in.
  return Object.fromEntries(created) as Record<Name, string>;
}

/** The tables of the service, of their real shapes. */
export const SERVICE_TABLES = { records: definition(RECORDS), live: definition(LIVE) } as const;

function definition(shape: TableShape): TableDefinition {
  const attributes = new Set([
    'pk',
    'sk',
    ...shape.indexes.flatMap(({ partition, sort }) => [partition, sort]),
  ]);
  const keys = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const indexes = shape.indexes.map(({ name, partition, sort, projection }) => ({
    IndexName: name,
    KeySchema: keys(partition, sort),
    Projection: projected(projection),
  }));
  return {
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys(shape.partition, shape.sort),
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}

function projected(projection: TableShape['indexes'][number]['projection']) {
  if (projection === 'summary') return { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['summary'] };
  return { ProjectionType: projection === 'all' ? ('ALL' as const) : ('KEYS_ONLY' as const) };
}
