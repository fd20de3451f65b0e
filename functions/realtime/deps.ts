import type { RealtimeEnv } from '../../shared/contracts/env.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import { apiGatewayPoster } from '../../shared/platform/poster.ts';
import type { Sockets } from '../../shared/platform/posting.ts';
import { systemStore } from '../../shared/store/system.ts';
import { parseOrigins } from './origins.ts';

export interface RealtimeDeps extends Sockets {
  readonly log: Log;
  /** Origins that browsers may connect from. */
  readonly origins: ReadonlySet<string>;
}

export function realtimeDeps(env: RealtimeEnv): RealtimeDeps {
  return {
    store: systemStore(env),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    poster: apiGatewayPoster(env.SOCKETS_ENDPOINT),
    origins: parseOrigins(env.ALLOWED_ORIGINS),
  };
}
