import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { JobsEnv } from '../../shared/contracts/env.ts';
import { clientOptions } from '../../shared/platform/aws.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { lazyObjects } from '../../shared/platform/lazy.ts';
import { createLog } from '../../shared/platform/logger.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { EdgeDeps } from '../http/route.ts';

export interface JobsDeps extends EdgeDeps {
  readonly secrets: Objects;
  readonly artifacts: Objects;
  /** The bundled runner, for builds that start with nothing. */
  readonly program: { readonly objects: Objects; readonly key: string };
}

export function jobsDeps(env: JobsEnv): JobsDeps {
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
    secrets: lazyObjects(env.SECRETS_BUCKET),
    artifacts: lazyObjects(env.ARTIFACTS_BUCKET),
    program: { objects: lazyObjects(env.RUNNER_PROGRAM_BUCKET), key: env.RUNNER_PROGRAM_KEY },
  };
}
