import * as z from 'zod/mini';
import { environmentName, projectId } from '../../../shared/contracts/ids.ts';
import { listOf } from '../../../shared/contracts/list.ts';
import { variableKey, variableRequest, variableView } from '../../../shared/contracts/variables.ts';
import { variableNotFound } from '../../../shared/errors/not-found.ts';
import { requireEnvironment } from '../../../shared/store/environments.ts';
import { setVariable, unsetVariable, viewOfVariable } from '../../../shared/store/variables.ts';
import { wakeWaiting } from '../../../shared/store/wake-waiting.ts';
import { noContent, ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { environmentParams } from '../environments/read.ts';

const variableParams = z.strictObject({ projectId, environment: environmentName, key: variableKey });

const getVariables = route({
  method: 'GET',
  path: '/v1/projects/{projectId}/environments/{environment}/variables',
  summary: 'The variables of an environment by name; values of the plain ones only.',
  auth: { role: 'viewer' },
  params: environmentParams,
  answer: { status: 200, schema: listOf(variableView) },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND'],
  handle: async ({ params, deps }) => {
    const { variables } = await requireEnvironment(deps.store, params.projectId, params.environment);
    const items = Object.entries(variables)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, ref]) => viewOfVariable(key, ref));
    return ok({ items, filters: {}, total: items.length });
  },
});

const putVariable = route({
  method: 'PUT',
  path: '/v1/projects/{projectId}/environments/{environment}/variables/{key}',
  summary: 'Set a variable; every change is a new revision. A sensitive value never comes back.',
  auth: { role: 'deployer' },
  params: variableParams,
  body: variableRequest,
  answer: { status: 200, schema: variableView },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps }) => {
    const set = await setVariable(deps.store, deps.secrets, params, body, actor.subject);
    await wakeWaiting(deps.store, waitingIn(params));
    return ok(set);
  },
});

const deleteVariable = route({
  method: 'DELETE',
  path: '/v1/projects/{projectId}/environments/{environment}/variables/{key}',
  summary: 'Take a variable out of the environment; deployments that froze it keep it.',
  auth: { role: 'deployer' },
  params: variableParams,
  answer: { status: 204 },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND', 'VARIABLE_NOT_FOUND'],
  handle: async ({ params, deps }) => {
    if (!(await unsetVariable(deps.store, params))) throw variableNotFound(params.key);
    await wakeWaiting(deps.store, waitingIn(params));
    return noContent;
  },
});

/** Approvals cover the variables too: those that were given for other ones are void. */
const waitingIn = ({ projectId, environment }: z.infer<typeof variableParams>) =>
  ({ status: 'awaiting-approval', projectId, environment }) as const;

export const variableRoutes = [getVariables, putVariable, deleteVariable];
