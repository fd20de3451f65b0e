import * as z from 'zod/mini';
import { projectId, versionId } from '../../../shared/contracts/ids.ts';
import { listOf, listQuery } from '../../../shared/contracts/list.ts';
import { versionRow, versionView } from '../../../shared/contracts/versions.ts';
import { listVersions, requireVersion } from '../../../shared/store/versions.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { projectParams } from '../projects/read.ts';
import { viewOfVersion } from './view.ts';

export const versionParams = z.strictObject({ projectId, versionId });

export const getVersions = route({
  method: 'GET',
  path: '/v1/projects/{projectId}/versions',
  summary: 'The versions of a project, newest first.',
  auth: { role: 'viewer' },
  params: projectParams,
  query: z.strictObject(listQuery),
  answer: { status: 200, schema: listOf(versionRow) },
  problems: ['PROJECT_NOT_FOUND'],
  handle: async ({ params, query, actor, deps }) => {
    await deps.known.project(deps.store, params.projectId);
    const list = `versions of ${params.projectId}`;
    const request: ListRequest = { store: deps.store, actor, list, query };
    const { items, next } = await listVersions(deps.store, params.projectId, positionOf(request));
    return pageReply(request, items, next);
  },
});

export const getVersion = route({
  method: 'GET',
  path: '/v1/projects/{projectId}/versions/{versionId}',
  summary: 'One version.',
  auth: { role: 'viewer' },
  params: versionParams,
  answer: { status: 200, schema: versionView },
  problems: ['PROJECT_NOT_FOUND', 'VERSION_NOT_FOUND'],
  handle: async ({ params, deps }) => {
    const version = await requireVersion(deps.store, params.projectId, params.versionId);
    return ok(viewOfVersion(version), { revision: version.revision });
  },
});
