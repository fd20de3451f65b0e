import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';

/** Capacity that was consumed, for the cost on a deployment's record. */
export interface Meter {
  add(units: { readonly read?: number; readonly write?: number }): void;
}

/** Everything a store function needs from outside; every function of the store takes it first. */
export interface StoreContext {
  readonly client: DynamoDBClient;
  readonly recordsTable: string;
  readonly liveTable: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Key of the HMAC that binds a list cursor to its caller's view. */
  readonly cursorKey: string;
  readonly meter?: Meter | undefined;
}
