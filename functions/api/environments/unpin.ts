import { requireEnvironment } from '../../../shared/store/environments.ts';
import { liftPin } from '../../../shared/store/pin.ts';
import { noContent } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { environmentParams } from './read.ts';

export const deletePin = route({
  method: 'DELETE',
  path: '/v1/projects/{projectId}/environments/{environment}/pin',
  summary: 'Lift the pin of an environment and the blocks of the versions that went wrong in it.',
  auth: { role: 'deployer' },
  params: environmentParams,
  answer: { status: 204 },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND'],
  handle: async ({ params, actor, deps: { store }, log }) => {
    const { projectId, environment } = params;
    await requireEnvironment(store, projectId, environment);
    const lifted = await liftPin(store, projectId, environment);
    if (lifted) log.info('Pin lifted', { projectId, environment, by: actor.subject });
    return noContent;
  },
});
