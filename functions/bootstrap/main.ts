import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { bootstrapEnv } from '../../shared/contracts/env.ts';
import { clientOptions } from '../../shared/platform/aws.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { bootstrap } from './handle.ts';

const env = readEnv(bootstrapEnv);
const log = createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL });
const store: StoreContext = {
  client: new DynamoDBClient(clientOptions()),
  recordsTable: env.RECORDS_TABLE,
  liveTable: env.LIVE_TABLE,
  clock: systemClock,
  random: systemRandom,
  // No list is served here, so there is no cursor to sign.
  cursorKey: '',
};

/** Invoked through AWS only (`slipway login --stack`). */
export const handler = (event: unknown) => bootstrap(store, log, event);
