import type { RealtimeEnv } from '../../shared/contracts/env.ts';
import { lazyObjects } from '../../shared/platform/lazy.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import { apiGatewayPoster } from '../../shared/platform/poster.ts';
import type { Sockets } from '../../shared/platform/posting.ts';
import type { ArchiveObjects } from '../../shared/store/log-archive-form.ts';
import { systemStore } from '../../shared/store/system.ts';
import { parseOrigins } from './origins.ts';

export interface RealtimeDeps extends Sockets {
  readonly log: Log;
  /** Where finished logs are read that the database has forgotten. */
  readonly archive: ArchiveObjects;
  /** Origins that browsers may connect from. */
  readonly origins: ReadonlySet<string>;
}

export function realtimeDeps(env: RealtimeEnv): RealtimeDeps {
  return {
    store: systemStore(env),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    poster: apiGatewayPoster(env.SOCKETS_ENDPOINT),
    archive: lazyObjects(env.ARTIFACTS_BUCKET),
    origins: parseOrigins(env.ALLOWED_ORIGINS),
  };
}
