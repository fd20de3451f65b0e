import type { JobsEnv } from '../../shared/contracts/env.ts';
import { lazyObjects } from '../../shared/platform/lazy.ts';
import { createLog } from '../../shared/platform/logger.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import { systemStore } from '../../shared/store/system.ts';
import type { EdgeDeps } from '../http/route.ts';

export interface JobsDeps extends EdgeDeps {
  readonly secrets: Objects;
  readonly artifacts: Objects;
  /** Where agents hear of jobs. */
  readonly websocketUrl: string;
  /** The bundled runner, for builds that start with nothing. */
  readonly program: { readonly objects: Objects; readonly key: string };
}

export function jobsDeps(env: JobsEnv): JobsDeps {
  return {
    store: systemStore(env),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    secrets: lazyObjects(env.SECRETS_BUCKET),
    artifacts: lazyObjects(env.ARTIFACTS_BUCKET),
    websocketUrl: env.WEBSOCKET_URL,
    program: { objects: lazyObjects(env.RUNNER_PROGRAM_BUCKET), key: env.RUNNER_PROGRAM_KEY },
  };
}
