import type { FanOutEnv } from '../../shared/contracts/env.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import { systemStore } from '../../shared/store/system.ts';

export interface FanOutDeps extends Publisher {
  readonly log: Log;
}

export function fanOutDeps(env: FanOutEnv): FanOutDeps {
  return {
    ...publishing(env),
    store: systemStore(env),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
  };
}
