import type { FanOutEnv } from '../../shared/contracts/env.ts';
import { WORKER_POSTS_A_SECOND } from '../../shared/domain/audience.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import { systemStore } from '../../shared/store/system.ts';
import { pacer } from './pace.ts';

export interface FanOutDeps extends Publisher {
  /** Of this process, whatever message it is at work on. */
  readonly turn: () => Promise<void>;
  readonly log: Log;
}

export function fanOutDeps(env: FanOutEnv): FanOutDeps {
  return {
    ...publishing(env),
    store: systemStore(env),
    turn: pacer(systemClock, WORKER_POSTS_A_SECOND),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
  };
}
