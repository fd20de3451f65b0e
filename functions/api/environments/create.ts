import { environmentRequest, environmentView } from '../../../shared/contracts/environments.ts';
import type { Environment } from '../../../shared/domain/records.ts';
import { projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { transact, type Write } from '../../../shared/store/engine.ts';
import { createEnvironment } from '../../../shared/store/environments.ts';
import { projectStands } from '../../../shared/store/projects.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { untilWritten } from '../patching.ts';
import { projectParams } from '../projects/read.ts';
import { dethroned, environmentsOf } from './default.ts';
import { newEnvironment } from './new.ts';
import { promotionStands } from './promotion.ts';
import { viewOfEnvironment } from './view.ts';

/** Positions of the writes in the transaction. */
const PROJECT_CHECK = 0;
const ENVIRONMENT_WRITE = 1;

export const postEnvironment = route({
  method: 'POST',
  path: '/v1/projects/{projectId}/environments',
  summary: 'Add an environment to a project.',
  auth: { role: 'admin' },
  params: projectParams,
  body: environmentRequest,
  answer: { status: 201, schema: environmentView },
  problems: ['PROJECT_NOT_FOUND', 'ALREADY_EXISTS'],
  handle: ({ params, body, deps, idempotency }) =>
    untilWritten('the environments of the project', async () => {
      const { projectId } = params;
      const environment = newEnvironment(deps.store, projectId, body);
      const slot = { projectId, environment: body.name, fence: 0, line: 0 };
      const path = `/v1/projects/${projectId}/environments/${body.name}`;
      const reply = created(viewOfEnvironment(environment, { slot, line: [] }), path);
      const others = await othersToChange(deps.store, environment);
      try {
        await transact(deps.store, [
          projectStands(projectId),
          createEnvironment(environment),
          ...others,
          ...(idempotency === undefined ? [] : [idempotency.write(asFirstAnswer(reply))]),
        ]);
      } catch (error) {
        throw error instanceof ConditionFailed ? refusal(error, projectId, body.name) : error;
      }
      return reply;
    }),
});

/** What its being there says of other environments: nothing is read where it says nothing. */
async function othersToChange(ctx: StoreContext, environment: Environment): Promise<readonly Write[]> {
  const { projectId, name, isDefault, promoteFrom = [] } = environment;
  if (!isDefault && promoteFrom.length === 0) return [];
  const environments = await environmentsOf(ctx, projectId);
  const former = dethroned(ctx, isDefault ? environments : [], name);
  return [...former.writes, ...promotionStands(environment, environments, former.names)];
}

function refusal(error: ConditionFailed, projectId: string, name: string): Error {
  if (error.failed.includes(PROJECT_CHECK)) return projectNotFound(projectId);
  if (!error.failed.includes(ENVIRONMENT_WRITE)) return error;
  return new Conflict('ALREADY_EXISTS', `The project has an environment ${name} already.`, {
    cause: error,
    field: '/name',
    suggestion: 'Choose another name, or change the environment that is there.',
  });
}
