import * as z from 'zod/mini';
import { environmentView } from '../../../shared/contracts/environments.ts';
import { environmentName, projectId } from '../../../shared/contracts/ids.ts';
import { listOf, listQuery } from '../../../shared/contracts/list.ts';
import { may } from '../../../shared/domain/access.ts';
import { listEnvironments, requireEnvironment } from '../../../shared/store/environments.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { projectParams } from '../projects/read.ts';
import { viewOfEnvironment } from './view.ts';

export const environmentParams = z.strictObject({ projectId, environment: environmentName });

export const getEnvironments = route({
  method: 'GET',
  path: '/v1/projects/{projectId}/environments',
  summary: 'The environments of a project that the token may see, by name.',
  auth: { role: 'viewer' },
  params: projectParams,
  query: z.strictObject({ ...listQuery, order: z._default(z.optional(z.enum(['asc', 'desc'])), 'asc') }),
  answer: { status: 200, schema: listOf(environmentView) },
  problems: ['PROJECT_NOT_FOUND'],
  handle: async ({ params, query, actor, deps }) => {
    const { projectId: id } = params;
    await deps.known.project(deps.store, id);
    const request: ListRequest = { store: deps.store, actor, list: `environments of ${id}`, query };
    const { items, next } = await listEnvironments(deps.store, id, positionOf(request));
    const seen = items.filter(({ name }) => may(actor, 'viewer', { projectId: id, environment: name }));
    const found = await Promise.all(seen.map(({ name }) => slotWithLine(deps.store, id, name)));
    const views = seen.flatMap((environment, i) => {
      const place = found[i];
      return place === undefined ? [] : [viewOfEnvironment(environment, place)];
    });
    return pageReply(request, views, next);
  },
});

export const getEnvironment = route({
  method: 'GET',
  path: '/v1/projects/{projectId}/environments/{environment}',
  summary: 'One environment: its settings, what is live, and who changes it at the moment.',
  auth: { role: 'viewer' },
  params: environmentParams,
  answer: { status: 200, schema: environmentView },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND'],
  handle: async ({ params, deps }) => {
    const { projectId: id, environment: name } = params;
    const [environment, place] = await Promise.all([
      requireEnvironment(deps.store, id, name),
      slotWithLine(deps.store, id, name),
    ]);
    return ok(viewOfEnvironment(environment, place), { revision: environment.revision });
  },
});
