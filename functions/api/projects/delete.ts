import { projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { transact } from '../../../shared/store/engine.ts';
import { deleteEnvironment } from '../../../shared/store/environments.ts';
import { deleteProject, projectWithEnvironments } from '../../../shared/store/projects.ts';
import { noContent } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { deleteQuery, slotInUse, slotWithoutLine } from '../environments/in-use.ts';
import { untilWritten } from '../patching.ts';
import { projectParams } from './read.ts';

/** Writes of one transaction (100), less two for the project, two for each environment. */
const MAX_ENVIRONMENTS = 49;

export const deleteProjectRoute = route({
  method: 'DELETE',
  path: '/v1/projects/{projectId}',
  summary:
    'Remove a project with its environments, variables and uploads; its deployments stay in the history.',
  auth: { role: 'admin' },
  params: projectParams,
  query: deleteQuery,
  answer: { status: 204 },
  problems: ['PROJECT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ params, query, deps, log }) => {
    const { projectId } = params;
    await untilWritten('the project', () => remove(deps, projectId, query.leaveReleases === 'true'));
    // The records are gone and nothing can name these objects any more; a failure leaves bytes, not a fault.
    const [secrets, artifacts] = await Promise.all([deps.secrets(), deps.artifacts()]);
    const results = await Promise.allSettled([secrets.removeAll(projectId), artifacts.removeAll(projectId)]);
    for (const result of results) {
      if (result.status === 'rejected') {
        log.error('Objects of a deleted project are left', { error: result.reason });
      }
    }
    return noContent;
  },
});

async function remove(deps: ApiDeps, projectId: string, leaveReleases: boolean): Promise<void> {
  const found = await projectWithEnvironments(deps.store, projectId);
  if (found === undefined) throw projectNotFound(projectId);
  const { project, environments } = found;
  if (environments.length > MAX_ENVIRONMENTS) {
    throw new Conflict('INVALID_STATE', `The project has ${environments.length} environments.`, {
      suggestion: `Delete environments until ${MAX_ENVIRONMENTS} are left, then the project.`,
    });
  }
  const removals = await Promise.all(
    environments.map(async (environment) => {
      const slot = await slotWithoutLine(deps.store, projectId, environment.name);
      return deleteEnvironment(environment, slot, leaveReleases);
    }),
  );
  try {
    await transact(deps.store, [...removals.flat(), ...deleteProject(project)]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Odd positions are the slots of the environments, in order.
    const busy = error.failed.find((i) => i % 2 === 1 && i < environments.length * 2);
    if (busy === undefined) throw error;
    // Where neither speaks against it, somebody has joined or left the line meanwhile: look again.
    const name = environments[(busy - 1) / 2]?.name ?? '';
    throw slotInUse(error.items[busy], name, leaveReleases) ?? error;
  }
}
