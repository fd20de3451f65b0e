import type { Project } from '../../../shared/domain/records.ts';

/** A project as the API shows it: everything but what only the service counts with. */
export function viewOfProject(project: Project) {
  const { versionCount: _count, health = 'unknown', ...view } = project;
  return { ...view, health };
}

/** The part of a project that people edit; what a PATCH is merged into. */
export function editablePart(project: Project) {
  const { name, target, repository, build, configuration, parameters, dependsOn } = project;
  const { requiredVariables, settings } = project;
  return {
    name,
    target,
    repository,
    build,
    configuration,
    parameters,
    dependsOn,
    requiredVariables,
    settings,
  };
}
