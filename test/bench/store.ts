import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';

/** The store that a bench reads and writes through its own client, in real time. */
export const storeOn = (
  client: DynamoDBClient,
  { records, live }: { readonly records: string; readonly live: string },
): StoreContext => ({
  client,
  recordsTable: records,
  liveTable: live,
  clock: systemClock,
  random: systemRandom,
  cursorKey: '',
});
