import * as z from 'zod/mini';
import { freezeView } from '../../../shared/contracts/freezes.ts';
import { freezeId } from '../../../shared/contracts/ids.ts';
import { listOf, listQuery } from '../../../shared/contracts/list.ts';
import { type Actor, seesProject } from '../../../shared/domain/access.ts';
import type { Freeze } from '../../../shared/domain/freezes.ts';
import { freezeNotFound } from '../../../shared/errors/not-found.ts';
import { deleteFreeze, getFreeze, listFreezes } from '../../../shared/store/freezes.ts';
import { wakeWaiting } from '../../../shared/store/wake-waiting.ts';
import { requireRole } from '../../http/auth.ts';
import { noContent } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { postFreeze } from './create.ts';
import { postOverride } from './override.ts';
import { viewOfFreeze } from './view.ts';

const getFreezes = route({
  method: 'GET',
  path: '/v1/freezes',
  summary: 'The freezes that touch what you may see, newest first, each with when it holds.',
  auth: 'signed-in',
  query: z.strictObject(listQuery),
  answer: { status: 200, schema: listOf(freezeView) },
  handle: async ({ query, actor, deps }) => {
    const { store } = deps;
    const request: ListRequest = { store, actor, list: 'freezes', query };
    const { items, next } = await listFreezes(store, positionOf(request));
    const now = store.clock.now();
    const seen = items.filter((freeze) => concerns(actor, freeze));
    return pageReply(request, await Promise.all(seen.map((freeze) => viewOfFreeze(freeze, now))), next);
  },
});

const deleteFreezeRoute = route({
  method: 'DELETE',
  path: '/v1/freezes/{freezeId}',
  summary: 'End a freeze; what it held goes on in order.',
  auth: 'signed-in',
  params: z.strictObject({ freezeId }),
  answer: { status: 204 },
  problems: ['FREEZE_NOT_FOUND', 'PERMISSION_DENIED'],
  handle: async ({ params, actor, deps: { store }, log }) => {
    const freeze = await getFreeze(store, params.freezeId);
    if (freeze === undefined || !concerns(actor, freeze)) throw freezeNotFound(params.freezeId);
    requireRole(actor, 'admin', { projectId: freeze.scope.projectId });
    if (!(await deleteFreeze(store, freeze.id))) throw freezeNotFound(freeze.id);
    log.info('Freeze deleted', { freezeId: freeze.id });
    await wakeWaiting(store, { status: 'held', projectId: freeze.scope.projectId });
    return noContent;
  },
});

const concerns = (actor: Actor, { scope }: Freeze) =>
  scope.projectId === undefined || seesProject(actor, scope.projectId);

export const freezeRoutes = [postFreeze, getFreezes, deleteFreezeRoute, postOverride];
