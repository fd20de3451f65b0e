import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { clientOptions, metered } from './aws.ts';

/** `gone`: the socket is closed for good. `failed`: not in time, or not taken; it may have arrived or not. */
export type Posted = 'sent' | 'gone' | 'failed';

/** Sends text to an open socket, which has to take it within so many ms. Never throws. */
export interface Poster {
  post(connectionId: string, data: string, withinMs: number): Promise<Posted>;
}

/** The longest that anybody waits for a post (ms). */
const POST_MS = 1500;

/** Posts through API Gateway. The client's code is loaded with the first post: an unwatched deployment needs none. */
export function apiGatewayPoster(endpoint: string): Poster {
  let loaded: Promise<Poster['post']> | undefined;
  return {
    post: async (...args) => {
      loaded ??= load(endpoint);
      return (await loaded)(...args);
    },
  };
}

async function load(endpoint: string): Promise<Poster['post']> {
  const { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } = await import(
    './sdk/sockets.ts'
  );
  const client: ApiGatewayManagementApiClient = metered(
    new ApiGatewayManagementApiClient({
      ...clientOptions(POST_MS),
      endpoint,
      // A repeat would come late and in the wrong order; the viewer's cursor heals what is lost.
      maxAttempts: 1,
    }),
  );
  return async (ConnectionId, data, withinMs) => {
    try {
      await client.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(data) }), {
        abortSignal: AbortSignal.timeout(Math.min(withinMs, POST_MS)),
      });
      return 'sent';
    } catch (error) {
      return error instanceof GoneException ? 'gone' : 'failed';
    }
  };
}
