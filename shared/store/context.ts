import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Deployment } from '../domain/records.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';

/** What was consumed on behalf of a deployment, until the next change of its record takes it along. */
export interface Meter {
  add(units: MeteredUnits): void;
  /** Everything since the last `take`, which begins anew. Only on the meter of a single deployment's work. */
  take?(): MeteredUnits;
}

export interface MeteredUnits {
  /** DynamoDB capacity units. */
  readonly read?: number | undefined;
  readonly write?: number | undefined;
  /** Frames posted to sockets. */
  readonly posts?: number | undefined;
  readonly lambdaMs?: number | undefined;
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
  /** Told of every deployment that is read: the log names its project and commit from then on. */
  readonly noticed?: ((deployment: Deployment) => void) | undefined;
}
