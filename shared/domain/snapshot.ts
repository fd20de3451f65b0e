import { mergedHooks } from './hooks.ts';
import { mergeLayers } from './merge.ts';
import type { DeploymentBase, Environment, Project, Snapshot, Version } from './records.ts';

/**
 * What a deployment runs with, taken from the records as they are now. Configuration merges project, version,
 * environment and override, in that order (RFC 7396); parameters merge project and override; hooks of the request come
 * behind those of the environment.
 * Provisional until the gate passes and freezes it.
 */
export function buildSnapshot(
  project: Project,
  version: Pick<Version, 'configuration'>,
  environment: Environment,
  overrides: DeploymentBase['overrides'],
  frozen: boolean,
): Snapshot {
  const hooks = mergedHooks(environment.hooks, overrides.hooks);
  return {
    configuration: mergeLayers(
      project.configuration,
      version.configuration,
      environment.configuration,
      overrides.configuration,
    ),
    parameters: mergeLayers(project.parameters, overrides.parameters),
    variables: environment.variables,
    build: project.build ?? {},
    target: project.target,
    healthCheck: environment.healthCheck,
    repository: project.repository,
    timeouts: environment.timeouts,
    ...(environment.retention === undefined ? {} : { retention: environment.retention }),
    ...(hooks === undefined ? {} : { hooks }),
    frozen,
  };
}
