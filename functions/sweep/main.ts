import type { Context } from 'aws-lambda';
import { sweepEnv } from '../../shared/contracts/env.ts';
import { eventBus } from '../../shared/platform/bus.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { lambdaCaller } from '../../shared/platform/functions.ts';
import { lazyObjects } from '../../shared/platform/lazy.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { stepFunctions } from '../../shared/platform/machine.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import { systemStore } from '../../shared/store/system.ts';
import type { SweepDeps } from './deps.ts';
import { sweep } from './handle.ts';

/**
 * The next sweep comes a minute after this one began. What this one has begun may go on beside it: the archive of the
 * largest log takes longer.
 */
const TIME_MS = 45_000;

const env = readEnv(sweepEnv);
const deps: SweepDeps = {
  sockets: { ...publishing(env), store: systemStore(env) },
  machine: stepFunctions({ deploy: env.DEPLOY_MACHINE_ARN, rollback: env.ROLLBACK_MACHINE_ARN }),
  functions: lambdaCaller(),
  stepsFunction: env.STEPS_FUNCTION,
  dueFunction: env.DUE_FUNCTION,
  bus: eventBus(env.EVENT_BUS_NAME),
  archive: lazyObjects(env.ARTIFACTS_BUCKET),
  log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
};

/** Once a minute: ends what died, repairs what was lost. That it looks is nobody's cost; what it does for a deployment is. */
export const handler = (_event: unknown, facts: Context): Promise<void> =>
  sweep(deps, AbortSignal.timeout(TIME_MS), facts);
