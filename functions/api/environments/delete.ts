import type { Environment } from '../../../shared/domain/records.ts';
import { environmentNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { transact } from '../../../shared/store/engine.ts';
import { deleteEnvironment, environmentUnchanged } from '../../../shared/store/environments.ts';
import { noContent } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { untilWritten } from '../patching.ts';
import { environmentsOf } from './default.ts';
import { deleteQuery, slotInUse, slotWithoutLine } from './in-use.ts';
import { MAX_CHECKS } from './promotion.ts';
import { environmentParams } from './read.ts';

/** Position of the slot in the transaction. */
const SLOT_WRITE = 1;

export const deleteEnvironmentRoute = route({
  method: 'DELETE',
  path: '/v1/projects/{projectId}/environments/{environment}',
  summary: 'Remove an environment and its variables.',
  auth: { role: 'admin' },
  params: environmentParams,
  query: deleteQuery,
  answer: { status: 204 },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ params, query, deps, log }) => {
    const { projectId, environment } = params;
    await untilWritten('the environment', () =>
      remove(deps, projectId, environment, query.leaveReleases === 'true'),
    );
    try {
      await (await deps.secrets()).removeAll(projectId, environment);
    } catch (error) {
      // Nothing can name these objects any more; a failure leaves bytes, not a fault.
      log.error('Secret values of a deleted environment are left', { error });
    }
    return noContent;
  },
});

async function remove(deps: ApiDeps, projectId: string, name: string, leaveRelease: boolean): Promise<void> {
  const environments = await environmentsOf(deps.store, projectId);
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) throw environmentNotFound(name);
  if (environment.isDefault && environments.length > 1) {
    throw new Conflict('INVALID_STATE', `${name} is the default environment of the project.`, {
      suggestion:
        'Make another environment the default (slipway envs update <name> --default yes, or PATCH isDefault), then delete this one.',
    });
  }
  const others = environments.filter((other) => other !== environment);
  const after = others.find(({ promoteFrom = [] }) => promoteFrom.includes(name));
  if (after !== undefined) throw promotedFrom(name, after);
  const slot = await slotWithoutLine(deps.store, projectId, name);
  try {
    await transact(deps.store, [
      ...deleteEnvironment(environment, slot, leaveRelease),
      // Nobody begins to promote from it in this very moment.
      ...others.slice(0, MAX_CHECKS).map(environmentUnchanged),
    ]);
  } catch (error) {
    if (!(error instanceof ConditionFailed) || !error.failed.includes(SLOT_WRITE)) throw error;
    // Where neither speaks against it, somebody has joined or left the line meanwhile: look again.
    throw slotInUse(error.items[SLOT_WRITE], name, leaveRelease) ?? error;
  }
}

function promotedFrom(name: string, { name: after, promoteFrom = [] }: Environment): Conflict {
  const left = promoteFrom.filter((from) => from !== name).join(',');
  return new Conflict('INVALID_STATE', `The environment ${after} is promoted from ${name}.`, {
    suggestion: `Take it out of its order first (slipway envs update ${after} --promote-from "${left}", or PATCH promoteFrom), then delete.`,
    facts: { environment: after },
  });
}
