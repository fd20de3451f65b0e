import { bootstrapEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { systemStore } from '../../shared/store/system.ts';
import { bootstrap } from './handle.ts';

const env = readEnv(bootstrapEnv);
const log = createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL });
const store = systemStore(env);

/** Invoked through AWS only (`slipway login --stack`). */
export const handler = (event: unknown) => bootstrap(store, log, event);
