import * as z from 'zod/mini';
import { projectId } from '../../../shared/contracts/ids.ts';
import { projectView } from '../../../shared/contracts/projects.ts';
import { requireProject } from '../../../shared/store/projects.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { viewOfProject } from './view.ts';

export const projectParams = z.strictObject({ projectId });

export const getProject = route({
  method: 'GET',
  path: '/v1/projects/{projectId}',
  summary: 'One project.',
  auth: { role: 'viewer' },
  params: projectParams,
  answer: { status: 200, schema: projectView },
  problems: ['PROJECT_NOT_FOUND'],
  handle: async ({ params, deps }) => {
    const project = await requireProject(deps.store, params.projectId);
    return ok(viewOfProject(project), { revision: project.revision });
  },
});
