import * as z from 'zod/mini';
import { tokenId } from '../../../shared/contracts/ids.ts';
import { listOf, listQuery } from '../../../shared/contracts/list.ts';
import { tokenView } from '../../../shared/contracts/tokens.ts';
import { type Actor, may } from '../../../shared/domain/access.ts';
import { tokenNotFound } from '../../../shared/errors/not-found.ts';
import { PermissionDenied } from '../../../shared/errors/requests.ts';
import { removeConnectionsOf } from '../../../shared/store/connections.ts';
import { deleteToken, getToken, listTokens, type Token } from '../../../shared/store/tokens.ts';
import { noContent } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { placeOf, postToken } from './create.ts';

const getTokens = route({
  method: 'GET',
  path: '/v1/tokens',
  summary: 'All tokens, newest first; never their secrets.',
  auth: { role: 'admin' },
  query: z.strictObject(listQuery),
  answer: { status: 200, schema: listOf(tokenView) },
  handle: async ({ query, actor, deps }) => {
    const request: ListRequest = { store: deps.store, actor, list: 'tokens', query };
    const { items, next } = await listTokens(deps.store, positionOf(request));
    return pageReply(request, items, next);
  },
});

const deleteTokenRoute = route({
  method: 'DELETE',
  path: '/v1/tokens/{tokenId}',
  summary: 'Take a token back, at once: any as an admin of everything, else your own.',
  auth: 'signed-in',
  params: z.strictObject({ tokenId }),
  answer: { status: 204 },
  problems: ['TOKEN_NOT_FOUND'],
  handle: async ({ params, actor, deps, log }) => {
    const token = await getToken(deps.store, params.tokenId);
    // Also where it is gone: whoever deleted it may have died before its sockets were.
    if (token === undefined) await removeConnectionsOf(deps.store, params.tokenId);
    const mine = token?.subject === actor.subject || token?.createdBy === actor.subject;
    if (token === undefined || !(mine || may(actor, 'admin'))) throw tokenNotFound(params.tokenId);
    if (!mayTakeBack(actor, token)) throw worthMore();
    const deleted = await deleteToken(deps.store, token.id);
    await removeConnectionsOf(deps.store, token.id);
    if (!deleted) throw tokenNotFound(token.id);
    log.info('Token deleted', { tokenId: token.id, subject: token.subject });
    return noContent;
  },
});

/** A token that leaked must not be good for taking away the stronger ones of the same person, or their runners'. */
function mayTakeBack(actor: Actor, { id, kind, grants }: Token): boolean {
  if (id === actor.tokenId || may(actor, 'admin')) return true;
  return kind === 'api' && grants.every(({ role, ...place }) => may(actor, role, placeOf(place)));
}

const worthMore = () =>
  new PermissionDenied('That token may do more than the one you call with.', {
    suggestion: 'Call with the token itself, with one that may do as much, or as an admin.',
  });

export const tokenRoutes = [postToken, getTokens, deleteTokenRoute];
