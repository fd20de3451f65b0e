import { realtimeEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { realtimeDeps } from './deps.ts';
import { socketHandler } from './handler.ts';

/** Everything that comes in over a socket: connect, frames of clients, disconnect. */
export const handler = socketHandler(realtimeDeps(readEnv(realtimeEnv)));
