import { ulid } from 'ulid';
import { newDeployment } from '../../shared/domain/new-deployment.ts';
import type {
  Deployment,
  DeploymentBase,
  Environment,
  Project,
  Snapshot,
  VariableRef,
} from '../../shared/domain/records.ts';
import type { OpenStatus } from '../../shared/domain/status.ts';
import type { Log } from '../../shared/platform/logger.ts';
import { MUST_NOT_EXIST } from '../../shared/store/conditions.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { deploymentItem } from '../../shared/store/deployment-item.ts';
import { putItem, transact } from '../../shared/store/engine.ts';
import { createEnvironment } from '../../shared/store/environments.ts';
import { createProject } from '../../shared/store/projects.ts';
import { newVersion } from '../../shared/store/versions.ts';
import { anEnvironment } from './records.ts';

export interface Given {
  readonly project: Project;
  readonly environment: Environment;
}

/** A project with one environment, as the API would have made them. */
export async function givenProject(
  store: StoreContext,
  over: { project?: Partial<Project>; environment?: Partial<Environment> } = {},
): Promise<Given> {
  const at = new Date(store.clock.now()).toISOString();
  const project: Project = {
    id: `prj_${ulid()}`,
    name: `shop-${ulid().slice(-6).toLowerCase()}`,
    target: { kind: 'site' },
    configuration: {},
    parameters: {},
    dependsOn: [],
    settings: {},
    lifecycle: 'registered',
    online: false,
    versionCount: 0,
    createdAt: at,
    updatedAt: at,
    revision: 1,
    ...over.project,
  };
  const environment = anEnvironment({
    projectId: project.id,
    createdAt: at,
    updatedAt: at,
    ...over.environment,
  });
  await transact(store, [...createProject(project), createEnvironment(environment)]);
  return { project, environment };
}

export type DeploymentFacts = Partial<Omit<DeploymentBase, 'snapshot'>> & {
  readonly status?: OpenStatus;
  readonly snapshot?: Partial<Snapshot>;
};

/** A deployment whose gate has passed: it owns its slot's fence 1 and its snapshot is frozen. */
export async function givenDeployment(
  store: StoreContext,
  { project, environment }: Given,
  { snapshot, ...over }: DeploymentFacts = {},
): Promise<Deployment> {
  const { version, writes } = newVersion(store, project, {
    source: { type: 'git', ref: 'main' },
    configuration: {},
    createdBy: 'ada',
  });
  // Its number is not taken: a test may give one project as many deployments as it likes.
  await transact(store, [writes[0]]);
  const source = { type: 'branch', ref: 'main', commit: { sha: 'a'.repeat(40) } } as const;
  const deployment = {
    ...newDeployment({
      id: `dep_${ulid()}`,
      projectId: project.id,
      environment: environment.name,
      method: 'api',
      message: undefined,
      trigger: { kind: 'api', actor: 'ada' },
      force: false,
      rollbackOnFailure: environment.rollbackOnFailure,
      overrides: {},
      validation: { passed: true, checks: [], errors: [], warnings: [] },
      createdAt: new Date(store.clock.now()).toISOString(),
      fence: 1,
      version,
      source,
      snapshot: {
        configuration: {},
        parameters: {},
        variables: {},
        build: {},
        target: project.target,
        timeouts: environment.timeouts,
        repository: project.repository,
        frozen: true,
        ...snapshot,
      },
    }),
    status: 'initializing' as const,
    ...over,
  };
  await putItem(store, deploymentItem(deployment), MUST_NOT_EXIST);
  return deployment;
}

export const variable = (over: Partial<VariableRef>): VariableRef => ({
  revision: 1,
  sensitive: false,
  use: 'both',
  updatedAt: '2025-01-01T00:00:00.000Z',
  updatedBy: 'ada',
  ...over,
});

/** Keeps quiet; a test that is about the service's own log brings one of its own. */
export const quietLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => quietLog,
};
