import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { chargeToNoticed } from '../../shared/platform/account.ts';
import { removeConnection } from '../../shared/store/connections.ts';
import { type FunctionFacts, invoked } from '../../shared/store/spending.ts';
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
  const store = { ...deps.store, noticed: chargeToNoticed };
  const handle = async (event: SocketEvent): Promise<SocketAnswer> => {
    const { routeKey, connectionId, requestId } = event.requestContext;
    const log = deps.log.with({ correlationId: requestId, route: routeKey });
    const own = { ...deps, store, log };
    switch (routeKey) {
      case '$connect':
        return connect(own, event);
      case '$disconnect':
        await removeConnection(deps.store, connectionId);
        return { statusCode: 200 };
      default:
        await receive(own, event);
        return { statusCode: 200 };
    }
  };
  return (event: SocketEvent, facts: FunctionFacts): Promise<SocketAnswer> =>
    invoked(store, { facts, given: { messages: 1 } }, () => handle(event));
}
