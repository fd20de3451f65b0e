import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { clientOptions, metered } from './aws.ts';

/** `gone`: the socket is closed for good. `failed`: it may have arrived or not; nobody waits for it. */
export type Posted = 'sent' | 'gone' | 'failed';

/** Sends text to an open socket. Never throws. */
export interface Poster {
  post(connectionId: string, data: string): Promise<Posted>;
}

/** A viewer that does not take a frame in this time misses it and asks again from its cursor (ms). */
const POST_MS = 1500;

/** Posts through API Gateway. The client's code is loaded with the first post: an unwatched deployment needs none. */
export function apiGatewayPoster(endpoint: string): Poster {
  let loaded: Promise<(connectionId: string, data: string) => Promise<Posted>> | undefined;
  return {
    post: async (connectionId, data) => {
      loaded ??= load(endpoint);
      return (await loaded)(connectionId, data);
    },
  };
}

async function load(endpoint: string) {
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
  return async (ConnectionId: string, data: string): Promise<Posted> => {
    try {
      await client.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(data) }), {
        abortSignal: AbortSignal.timeout(POST_MS),
      });
      return 'sent';
    } catch (error) {
      return error instanceof GoneException ? 'gone' : 'failed';
    }
  };
}
