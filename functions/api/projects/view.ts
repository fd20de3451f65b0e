import type { Project } from '../../../shared/domain/records.ts';

/** A project as the API shows it: everything but what only the service counts with. */
export function viewOfProject(project: Project): Omit<Project, 'versionCount'> {
  const { versionCount: _count, ...view } = project;
  return view;
}

/** The part of a project that people edit; what a PATCH is merged into. */
export function editablePart(project: Project) {
  const { name, target, repository, build, configuration, parameters, dependsOn, settings } = project;
  return { name, target, repository, build, configuration, parameters, dependsOn, settings };
}
