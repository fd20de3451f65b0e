import type { PublishingEnv } from '../contracts/env.ts';
import { fanOutQueue } from './fan-out.ts';
import { apiGatewayPoster } from './poster.ts';
import type { Publisher } from './sockets.ts';

/** How a function reaches viewers, however many; both clients are loaded when they are needed. */
export function publishing(env: PublishingEnv): Omit<Publisher, 'store'> {
  return { poster: apiGatewayPoster(env.SOCKETS_ENDPOINT), fanOut: fanOutQueue(env.FAN_OUT_QUEUE_URL) };
}
