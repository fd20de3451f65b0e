import type { FanOutMessage } from '../contracts/fan-out.ts';
import { once } from './once.ts';

/** Where what many viewers are to see is left for the workers that post it. */
export interface FanOut {
  /** @throws PlatformUnavailable where some of it could not be left */
  send(messages: readonly FanOutMessage[]): Promise<void>;
}

/** The client is loaded with the first topic that many watch. */
export function fanOutQueue(url: string): FanOut {
  const load = once(async () => (await import('./queue.ts')).sqsBatches(url));
  return {
    send: async (messages) => (await load())(messages.map((message) => JSON.stringify(message))),
  };
}
