import { waitingEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { httpHandler } from '../http/handler.ts';
import { waitingDeps } from './deps.ts';

/** Schemas are a good part of what this function loads, and its start need not wait for them. */
const routesFor = async () => (await import('./routes.ts')).routes;

/** What is answered later, when it has happened; it reads, and changes nothing of the service. */
export const handler = httpHandler(routesFor, waitingDeps(readEnv(waitingEnv)), { quiet: true });
