import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { emulatorClient } from './aws.ts';

/** What makes a table besides its name; the tables of the service are described in shared/store. */
export type TableDefinition = Omit<CreateTableCommandInput, 'TableName'>;

/** Tables of its own for a test, under names that no other test uses, so tests may run side by side. */
export interface FreshTables<Name extends string> {
  readonly client: DynamoDBClient;
  /** The real name of each table, by the name it was defined under. */
  readonly names: Readonly<Record<Name, string>>;
}

/** A client for the real engine of this test run. */
export function dynamoClient(): DynamoDBClient {
  return new DynamoDBClient(emulatorClient());
}

/** Creates empty tables; they vanish with the emulator at the end of the run. */
export async function freshTables<Name extends string>(
  definitions: Readonly<Record<Name, TableDefinition>>,
): Promise<FreshTables<Name>> {
  const client = dynamoClient();
  const suffix = ulid();
  const create = async ([name, definition]: [string, TableDefinition]): Promise<[string, string]> => {
    const TableName = `${name}-${suffix}`;
    await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...definition, TableName }));
    return [name, TableName];
  };
  const created = await Promise.all(Object.entries<TableDefinition>(definitions).map(create));
  // Object.fromEntries forgets which names went in.
  return { client, names: Object.fromEntries(created) as Record<Name, string> };
}
