import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TestStore } from './store.ts';

/** The store with something between it and its engine, which sees each command first and may refuse it. */
export function inBetween(store: TestStore, meet: (command: object) => void | Promise<void>): TestStore {
  const send = async (command: object) => {
    await meet(command);
    // A command is handed on as it came.
    return store.client.send(command as never);
  };
  // The store calls `send` and nothing else.
  return { ...store, client: { send } as unknown as DynamoDBClient };
}
