import type { Context } from 'aws-lambda';
import { targetsEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { invoked } from '../../shared/store/spending.ts';
import { systemStore } from '../../shared/store/system.ts';
import { targetsDeps } from './deps.ts';
import { targetsHandler } from './handler.ts';

const env = readEnv(targetsEnv);
const store = systemStore(env);
const handle = targetsHandler(targetsDeps(env, store));

/** The only function that calls platforms and addresses that users gave. */
export const handler = (event: unknown, facts: Context): Promise<unknown> =>
  invoked(store, { facts }, () => handle(event, facts));
