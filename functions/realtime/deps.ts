import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RealtimeEnv } from '../../shared/contracts/env.ts';
import { clientOptions } from '../../shared/platform/aws.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import { apiGatewayPoster } from '../../shared/platform/poster.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { Sockets } from '../../shared/platform/sockets.ts';
import { parseOrigins } from './origins.ts';

export interface RealtimeDeps extends Sockets {
  readonly log: Log;
  /** Origins that browsers may connect from. */
  readonly origins: ReadonlySet<string>;
}

export function realtimeDeps(env: RealtimeEnv): RealtimeDeps {
  return {
    store: {
      client: new DynamoDBClient(clientOptions()),
      recordsTable: env.RECORDS_TABLE,
      liveTable: env.LIVE_TABLE,
      clock: systemClock,
      random: systemRandom,
      // No list is served here, so there is no cursor to sign.
      cursorKey: '',
    },
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    poster: apiGatewayPoster(env.SOCKETS_ENDPOINT),
    origins: parseOrigins(env.ALLOWED_ORIGINS),
  };
}
