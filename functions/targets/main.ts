import { targetsEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { targetsDeps } from './deps.ts';
import { targetsHandler } from './handler.ts';

/** The only function that calls platforms and addresses that users gave. */
export const handler = targetsHandler(targetsDeps(readEnv(targetsEnv)));
