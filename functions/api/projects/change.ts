import { mergePatchBody } from '../../../shared/contracts/json.ts';
import { type ProjectRequest, projectRequest, projectView } from '../../../shared/contracts/projects.ts';
import { type Actor, seesProject } from '../../../shared/domain/access.ts';
import type { Project } from '../../../shared/domain/records.ts';
import { ValidationFailed } from '../../../shared/errors/requests.ts';
import { changeProject, getProject as readProject, requireProject } from '../../../shared/store/projects.ts';
import { wakeWaiting } from '../../../shared/store/wake-waiting.ts';
import { checkIfMatch } from '../../http/entity-tag.ts';
import { parsed } from '../../http/issues.ts';
import { ok } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { patched, refuseChange, untilWritten } from '../patching.ts';
import { unknownDependency } from './create.ts';
import { projectParams } from './read.ts';
import { editablePart, viewOfProject } from './view.ts';

export const patchProject = route({
  method: 'PATCH',
  path: '/v1/projects/{projectId}',
  summary:
    'Change a project by a JSON merge patch (RFC 7396); If-Match refuses where it changed since it was read.',
  auth: { role: 'admin' },
  params: projectParams,
  body: mergePatchBody,
  answer: { status: 200, schema: projectView },
  problems: ['PROJECT_NOT_FOUND', 'INVALID_STATE'],
  handle: ({ params, body, actor, headers, deps }) =>
    untilWritten('the project', async () => {
      const project = await requireProject(deps.store, params.projectId);
      checkIfMatch(headers, project.revision);
      const wanted = parsed(projectRequest, patched(editablePart(project), body));
      await checkWanted(deps, actor, project, wanted);
      const next = await changeProject(deps.store, project, {
        target: wanted.target,
        repository: wanted.repository,
        build: wanted.build,
        configuration: wanted.configuration,
        parameters: wanted.parameters,
        dependsOn: wanted.dependsOn,
        requiredVariables: wanted.requiredVariables,
        settings: wanted.settings,
      });
      await wakeWaiting(deps.store, { status: 'awaiting-approval', projectId: project.id });
      return ok(viewOfProject(next), { revision: next.revision });
    }),
});

async function checkWanted(
  deps: ApiDeps,
  actor: Actor,
  project: Project,
  wanted: ProjectRequest,
): Promise<void> {
  refuseChange('/name', project.name, wanted.name, 'addresses are made from it');
  refuseChange(
    '/target/kind',
    project.target.kind,
    wanted.target.kind,
    'make another project for another target',
  );
  const own = wanted.dependsOn.indexOf(project.id);
  if (own >= 0) {
    throw new ValidationFailed([
      { field: `/dependsOn/${own}`, message: 'is the project itself', code: 'INVALID_VALUE' },
    ]);
  }
  const added = wanted.dependsOn.filter((id) => !project.dependsOn.includes(id));
  const found = await Promise.all(added.map((id) => readProject(deps.store, id)));
  // One that the actor may not see is one that does not exist.
  const missing = added.find((id, i) => found[i] === undefined || !seesProject(actor, id));
  if (missing !== undefined) throw unknownDependency(wanted.dependsOn.indexOf(missing));
}
