import { apiEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { httpHandler } from '../http/handler.ts';
import { apiDeps } from './clients.ts';
import { apiRoutes } from './routes.ts';

/** All plain routes of the public interface. */
export const handler = httpHandler(apiRoutes, apiDeps(readEnv(apiEnv)));
