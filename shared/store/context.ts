import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Deployment } from '../domain/records.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';

/** Everything a store function needs from outside; every function of the store takes it first. */
export interface StoreContext {
  readonly client: DynamoDBClient;
  readonly recordsTable: string;
  readonly liveTable: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Key of the HMAC that binds a list cursor to its caller's view. */
  readonly cursorKey: string;
  /** Told of every deployment that is read: log and account are about it from then on. */
  readonly noticed?: ((deployment: Deployment) => void) | undefined;
}
