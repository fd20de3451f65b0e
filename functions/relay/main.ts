import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { relayEnv } from '../../shared/contracts/env.ts';
import { eventBus } from '../../shared/platform/bus.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { lambdaCaller } from '../../shared/platform/functions.ts';
import { lazyObjects } from '../../shared/platform/lazy.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { stepFunctions } from '../../shared/platform/machine.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import { systemStore } from '../../shared/store/system.ts';
import type { RelayDeps } from './deps.ts';
import { handleBatch } from './handle.ts';

const env = readEnv(relayEnv);
const deps: RelayDeps = {
  sockets: { ...publishing(env), store: systemStore(env) },
  machine: stepFunctions({ deploy: env.DEPLOY_MACHINE_ARN, rollback: env.ROLLBACK_MACHINE_ARN }),
  functions: lambdaCaller(),
  stepsFunction: env.STEPS_FUNCTION,
  bus: eventBus(env.EVENT_BUS_NAME),
  archive: lazyObjects(env.ARTIFACTS_BUCKET),
  log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
};

/** The outbox: what became of deployments, to whoever has to act on it or wants to know. */
export const handler = (event: DynamoDBStreamEvent, facts: Context): Promise<DynamoDBBatchResponse> =>
  handleBatch(event, deps, facts);
