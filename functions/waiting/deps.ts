import type { WaitingEnv } from '../../shared/contracts/env.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { lazyObjects } from '../../shared/platform/lazy.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { systemStore } from '../../shared/store/system.ts';
import { jwtVerifierFor } from '../http/jwt.ts';
import { defineRoute, type EdgeDeps } from '../http/route.ts';
import type { ReadDeps } from '../reads/deps.ts';

export interface WaitingDeps extends EdgeDeps, ReadDeps {
  /** Requests that may wait at the same time. */
  readonly places: number;
}

export function waitingDeps(env: WaitingEnv): WaitingDeps {
  const objects = lazyObjects(env.ARTIFACTS_BUCKET);
  return {
    store: systemStore(env),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    verifyJwt: jwtVerifierFor(env.OIDC_ISSUERS, systemClock),
    artifacts: async () => ({ objects }),
    places: Number(env.WAITING_PLACES),
  };
}

/** Defines a route of `waiting`. */
export const route = defineRoute<WaitingDeps>();
