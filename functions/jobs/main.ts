import { jobsEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { httpHandler } from '../http/handler.ts';
import { jobsDeps } from './deps.ts';
import { jobRoutes } from './routes.ts';

/** A runner gets its job here: besides `targets` the only function that reads secrets. */
export const handler = httpHandler(jobRoutes, jobsDeps(readEnv(jobsEnv)));
