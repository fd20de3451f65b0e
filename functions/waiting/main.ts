import { waitingEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { httpHandler } from '../http/handler.ts';
import { waitingDeps } from './deps.ts';
import { routes } from './routes.ts';

/** What is answered later, when it has happened; it reads, and changes nothing of the service. */
export const handler = httpHandler(routes, waitingDeps(readEnv(waitingEnv)), { quiet: true });
