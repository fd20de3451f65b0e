import { type ProjectRequest, projectRequest, projectView } from '../../../shared/contracts/projects.ts';
import type { Environment, Project } from '../../../shared/domain/records.ts';
import { Conflict, ValidationFailed } from '../../../shared/errors/requests.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { transact } from '../../../shared/store/engine.ts';
import { createEnvironment } from '../../../shared/store/environments.ts';
import { createProject, projectStands } from '../../../shared/store/projects.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { newEnvironment } from '../environments/new.ts';
import { viewOfProject } from './view.ts';

/** Every project starts with one, so that it can be deployed at once (docs/decisions). */
const FIRST_ENVIRONMENT = { name: 'production', type: 'production', isDefault: true } as const;

/** Positions of the writes in the transaction. */
const NAME_WRITE = 1;
const FIRST_DEPENDENCY = 3;

export const postProject = route({
  method: 'POST',
  path: '/v1/projects',
  summary: 'Register a project, with its first environment `production`.',
  auth: { role: 'admin' },
  body: projectRequest,
  answer: { status: 201, schema: projectView },
  problems: ['ALREADY_EXISTS'],
  handle: async ({ body, deps, idempotency }) => {
    const project = newProject(deps.store, body);
    const reply = created(viewOfProject(project), `/v1/projects/${project.id}`);
    const environment: Environment = newEnvironment(deps.store, project.id, FIRST_ENVIRONMENT);
    try {
      await transact(deps.store, [
        ...createProject(project),
        createEnvironment(environment),
        ...body.dependsOn.map(projectStands),
        ...(idempotency === undefined ? [] : [idempotency.write(asFirstAnswer(reply), project.id)]),
      ]);
    } catch (error) {
      throw error instanceof ConditionFailed ? refusal(error, body) : error;
    }
    return reply;
  },
});

function newProject(ctx: StoreContext, body: ProjectRequest): Project {
  const now = ctx.clock.now();
  const at = isoTime(now);
  return {
    id: `prj_${ctx.random.ulid(now)}`,
    ...body,
    lifecycle: 'registered',
    online: false,
    versionCount: 0,
    createdAt: at,
    updatedAt: at,
    revision: 1,
  };
}

function refusal(error: ConditionFailed, body: ProjectRequest): Error {
  if (error.failed.includes(NAME_WRITE)) {
    return new Conflict('ALREADY_EXISTS', `There is a project with the name ${body.name} already.`, {
      cause: error,
      field: '/name',
      suggestion: 'Choose another name, or use the project that is there.',
      facts: { projectId: error.items[NAME_WRITE]?.['projectId'] },
    });
  }
  const unknown = error.failed.find(
    (i) => i >= FIRST_DEPENDENCY && i < FIRST_DEPENDENCY + body.dependsOn.length,
  );
  return unknown === undefined ? error : unknownDependency(unknown - FIRST_DEPENDENCY);
}

export const unknownDependency = (index: number) =>
  new ValidationFailed([
    { field: `/dependsOn/${index}`, message: 'is not a project that exists', code: 'UNKNOWN_PROJECT' },
  ]);
