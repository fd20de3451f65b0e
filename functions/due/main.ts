import type { Context } from 'aws-lambda';
import { dueEnv } from '../../shared/contracts/env.ts';
import { eventBus } from '../../shared/platform/bus.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { stepFunctions } from '../../shared/platform/machine.ts';
import { once } from '../../shared/platform/once.ts';
import { eventBridgeScheduler } from '../../shared/platform/scheduler.ts';
import { invoked } from '../../shared/store/spending.ts';
import { systemStore } from '../../shared/store/system.ts';
import { due } from './handle.ts';

const env = readEnv(dueEnv);
const parts = {
  store: systemStore(env),
  machine: stepFunctions({ deploy: env.DEPLOY_MACHINE_ARN, rollback: env.ROLLBACK_MACHINE_ARN }),
  bus: eventBus(env.EVENT_BUS_NAME),
  artifacts: once(async () =>
    (await import('../../shared/platform/artifacts.ts')).artifactsIn(env.ARTIFACTS_BUCKET),
  ),
  log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
};

/** Called by EventBridge Scheduler at moments that were planned, and by the sweep for those that were lost. */
export const handler = (payload: unknown, facts: Context): Promise<void> => {
  const { invokedFunctionArn: functionArn } = facts;
  const place = { group: env.SCHEDULE_GROUP, roleArn: env.SCHEDULE_ROLE, functionArn };
  const scheduler = eventBridgeScheduler(place);
  return invoked(parts.store, { facts }, () => due({ ...parts, scheduler }, payload));
};
