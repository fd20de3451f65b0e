import { environmentView, slotReleaseRequest } from '../../../shared/contracts/environments.ts';
import { requireEnvironment } from '../../../shared/store/environments.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';
import { releaseSlot } from '../../../shared/store/slot-release.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { untilWritten } from '../patching.ts';
import { environmentParams } from './read.ts';
import { viewOfEnvironment } from './view.ts';

export const postSlotRelease = route({
  method: 'POST',
  path: '/v1/projects/{projectId}/environments/{environment}/slot/release',
  summary: 'Free the slot of a deployment that has ended and whose target was not seen to come to rest.',
  auth: { role: 'admin' },
  params: environmentParams,
  body: slotReleaseRequest,
  answer: { status: 200, schema: environmentView },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps: { store }, log }) => {
    const { projectId, environment: name } = params;
    const environment = await requireEnvironment(store, projectId, name);
    const { reason } = body;
    const by = actor.subject;
    const { id } = await untilWritten('the slot', () =>
      releaseSlot(store, { projectId, environment: name }, { by, reason }),
    );
    log
      .with({ deploymentId: id })
      .warn('A slot that drained was freed by hand.', { environment: name, by, reason });
    return ok(viewOfEnvironment(environment, await slotWithLine(store, projectId, name)));
  },
});
