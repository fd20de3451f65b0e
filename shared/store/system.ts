import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientOptions, metered } from '../platform/aws.ts';
import { systemClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { StoreContext } from './context.ts';

interface StoreEnv {
  readonly RECORDS_TABLE: string;
  readonly LIVE_TABLE: string;
  /** Only where lists are served: without it there is no cursor to sign. */
  readonly CURSOR_KEY?: string;
}

/** The store of a running function, as its environment names the tables; made once, when the function starts. */
export function systemStore(env: StoreEnv): StoreContext {
  return {
    client: metered(new DynamoDBClient(clientOptions())),
    recordsTable: env.RECORDS_TABLE,
    liveTable: env.LIVE_TABLE,
    clock: systemClock,
    random: systemRandom,
    cursorKey: env.CURSOR_KEY ?? '',
  };
}
