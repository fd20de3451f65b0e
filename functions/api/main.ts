import { type ApiEnv, apiEnv } from '../../shared/contracts/env.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { once } from '../../shared/platform/once.ts';
import { systemStore } from '../../shared/store/system.ts';
import { httpHandler } from '../http/handler.ts';
import { jwtVerifierFor } from '../http/jwt.ts';
import type { ApiDeps } from './deps.ts';
import { routesFor } from './groups.ts';
import { partsOf } from './health/parts.ts';
import { known } from './known.ts';

/** All plain routes of the public interface. */
export const handler = httpHandler(routesFor, apiDeps(readEnv(apiEnv)));

/** Made once, when the function starts; what few requests need is made at its first use. */
function apiDeps(env: ApiEnv): ApiDeps {
  const store = systemStore(env);
  return {
    store,
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    verifyJwt: jwtVerifierFor(env.OIDC_ISSUERS, systemClock),
    secrets: once(async () =>
      (await import('../../shared/platform/secrets.ts')).secretWriter(env.SECRETS_BUCKET),
    ),
    artifacts: once(async () =>
      (await import('../../shared/platform/artifacts.ts')).artifactsIn(env.ARTIFACTS_BUCKET),
    ),
    machine: once(async () =>
      (await import('../../shared/platform/machine.ts')).stepFunctions({
        deploy: env.DEPLOY_MACHINE_ARN,
        rollback: env.ROLLBACK_MACHINE_ARN,
      }),
    ),
    scheduler: once(async () =>
      (await import('../../shared/platform/scheduler.ts')).eventBridgeScheduler({
        group: env.SCHEDULE_GROUP,
        roleArn: env.SCHEDULE_ROLE,
        functionArn: env.DUE_FUNCTION,
      }),
    ),
    defaultRunner: env.DEFAULT_RUNNER,
    websocketUrl: env.WEBSOCKET_URL,
    known: known(),
    parts: partsOf(store, env),
  };
}
