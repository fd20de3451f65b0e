import type { Actor } from '../../shared/domain/access.ts';
import { Unauthenticated } from '../../shared/errors/requests.ts';
import { putConnection } from '../../shared/store/connections.ts';
import { redeemTicket } from '../../shared/store/tickets.ts';
import { verifyToken } from '../../shared/store/tokens.ts';
import { bearerOf } from '../http/auth.ts';
import type { RealtimeDeps } from './deps.ts';
import type { SocketAnswer, SocketEvent } from './handler.ts';
import { stillHeld } from './held.ts';
import { mayConnectFrom } from './origins.ts';

/** Lets a socket in: from an allowed origin, with a ticket in the URL or a token in the header. */
export async function connect(deps: RealtimeDeps, event: SocketEvent): Promise<SocketAnswer> {
  const headers = lowerCased(event.headers ?? {});
  if (!mayConnectFrom(deps.origins, headers['origin'])) {
    deps.log.info('Socket refused', { reason: 'origin', origin: headers['origin'] });
    return { statusCode: 403 };
  }
  try {
    const actor = await actorOf(deps, event, headers);
    const { connectionId } = event.requestContext;
    await putConnection(deps.store, connectionId, actor);
    // A token that was taken back meanwhile may have been rid of its sockets before this one was there.
    await stillHeld(deps, { id: connectionId, actor });
    return { statusCode: 200 };
  } catch (error) {
    if (error instanceof Unauthenticated) {
      deps.log.info('Socket refused', { reason: 'token' });
      return { statusCode: 401 };
    }
    deps.log.error('Socket could not be let in', { error });
    return { statusCode: 500 };
  }
}

function actorOf(
  { store }: RealtimeDeps,
  event: SocketEvent,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<Actor> {
  const ticket = event.queryStringParameters?.['ticket'];
  return ticket === undefined ? verifyToken(store, bearerOf(headers)) : redeemTicket(store, ticket);
}

const lowerCased = (headers: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
