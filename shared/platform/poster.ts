import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { clientOptions, metered } from './aws.ts';
import { type Clock, systemClock } from './clock.ts';

/** `gone`: the socket is closed for good. `failed`: not in time, or not taken; it may have arrived or not. */
export type Posted = 'sent' | 'gone' | 'failed';

/** Sends text to an open socket, which has to take it within so many ms. Never throws. */
export interface Poster {
  post(connectionId: string, data: string, withinMs: number): Promise<Posted>;
}

/** The longest that anybody waits for a post (ms). */
const POST_MS = 1500;

/** After a post was refused since the account made too many requests, or the socket's buffer is full (ms). */
const BUSY_MS = 200;

/** Posts through API Gateway. The client's code is loaded with the first post: an unwatched deployment needs none. */
export function apiGatewayPoster(endpoint: string, clock: Clock = systemClock): Poster {
  let loaded: Promise<Poster['post']> | undefined;
  return {
    post: async (...args) => {
      loaded ??= load(endpoint, clock);
      return (await loaded)(...args);
    },
  };
}

async function load(endpoint: string, clock: Clock): Promise<Poster['post']> {
  const { ApiGatewayManagementApiClient, GoneException, LimitExceededException, PostToConnectionCommand } =
    await import('./sdk/sockets.ts');
  const client: ApiGatewayManagementApiClient = metered(
    new ApiGatewayManagementApiClient({
      ...clientOptions(POST_MS),
      endpoint,
      // A repeat would come late and in the wrong order; the viewer's cursor heals what is lost.
      maxAttempts: 1,
    }),
  );
  return async (ConnectionId, data, withinMs) => {
    const command = new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(data) });
    const abortSignal = AbortSignal.timeout(Math.min(withinMs, POST_MS));
    for (let tries = 1; ; tries += 1) {
      try {
        await client.send(command, { abortSignal });
        return 'sent';
      } catch (error) {
        if (error instanceof GoneException) return 'gone';
        // It certainly did not arrive, and it is not certain that this viewer is to blame: once more, a little later.
        if (!(error instanceof LimitExceededException) || tries > 1) return 'failed';
        await clock.sleep(BUSY_MS, abortSignal).catch(() => {});
        if (abortSignal.aborted) return 'failed';
      }
    }
  };
}
