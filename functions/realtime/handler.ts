import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { removeConnection } from '../../shared/store/connections.ts';
import { connect } from './connect.ts';
import type { RealtimeDeps } from './deps.ts';
import { receive } from './receive.ts';

/** What API Gateway sends beyond its published type: the request that opened the socket. */
export interface SocketEvent extends APIGatewayProxyWebsocketEventV2 {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Record<string, string | undefined>;
}

export interface SocketAnswer {
  readonly statusCode: number;
}

/**
 * The Lambda handler behind the WebSocket API. Only the answer to `$connect` means anything to API Gateway;
 * what clients are to hear is posted to their sockets.
 */
export function socketHandler(deps: RealtimeDeps) {
  return async (event: SocketEvent): Promise<SocketAnswer> => {
    const { routeKey, connectionId, requestId } = event.requestContext;
    const log = deps.log.with({ correlationId: requestId, route: routeKey });
    switch (routeKey) {
      case '$connect':
        return connect({ ...deps, log }, event);
      case '$disconnect':
        await removeConnection(deps.store, connectionId);
        return { statusCode: 200 };
      default:
        await receive({ ...deps, log }, event);
        return { statusCode: 200 };
    }
  };
}
