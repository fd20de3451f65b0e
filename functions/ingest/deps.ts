import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IngestEnv } from '../../shared/contracts/env.ts';
import { clientOptions } from '../../shared/platform/aws.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createLog } from '../../shared/platform/logger.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import { apiGatewayPoster, type Poster } from '../../shared/platform/poster.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { LogTails } from '../../shared/store/log-tails.ts';
import type { EdgeDeps } from '../http/route.ts';
import { JobMemory } from './job-memory.ts';

/**
 * What ingest needs from outside. Clients that only a result or a long build needs are loaded at their first use:
 * nearly every request is a batch of lines.
 */
export interface IngestDeps extends EdgeDeps {
  readonly poster: Poster;
  readonly machine: () => Promise<Machine>;
  readonly artifacts: () => Promise<Objects>;
  /** What this process remembers of logs and jobs; all of it may be lost at any time. */
  readonly tails: LogTails;
  readonly jobs: JobMemory;
}

export function ingestDeps(env: IngestEnv): IngestDeps {
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
    machine: once(async () => (await import('../../shared/platform/machine.ts')).stepFunctions()),
    artifacts: once(async () =>
      (await import('../../shared/platform/objects.ts')).objectsOf(env.ARTIFACTS_BUCKET),
    ),
    tails: new LogTails(),
    jobs: new JobMemory(),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
