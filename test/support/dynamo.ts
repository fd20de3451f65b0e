import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { metered } from '../../shared/platform/aws.ts';
import { emulatorClient } from './aws.ts';
import { createTables, type TableDefinition } from './tables.ts';

export type { TableDefinition };

/** Tables of its own for a test, under names that no other test uses, so tests may run side by side. */
export interface FreshTables<Name extends string> {
  readonly client: DynamoDBClient;
  /** The real name of each table, by the name it was defined under. */
  readonly names: Readonly<Record<Name, string>>;
}

/** A client for the real engine of this test run. */
export function dynamoClient(): DynamoDBClient {
  return metered(new DynamoDBClient(emulatorClient()));
}

/** Creates empty tables; they vanish with the emulator at the end of the run. */
export async function freshTables<Name extends string>(
  definitions: Readonly<Record<Name, TableDefinition>>,
): Promise<FreshTables<Name>> {
  const client = dynamoClient();
  return { client, names: await createTables(client, definitions) };
}
