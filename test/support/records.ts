import { newDeployment } from '../../shared/domain/new-deployment.ts';
import type {
  Deployment,
  DeploymentBase,
  Environment,
  Project,
  Version,
} from '../../shared/domain/records.ts';
import { buildSnapshot } from '../../shared/domain/snapshot.ts';

/** Records as their routes make them, with what a test wants different. */
export const AT = '2025-01-15T12:00:00.000Z';
export const AT_MS = Date.parse(AT);
const ulid = (n: number) => `01JHN${String(n).padStart(21, '0')}`;

export const ids = {
  project: `prj_${ulid(1)}`,
  version: `ver_${ulid(2)}`,
  deployment: `dep_${ulid(3)}`,
  previous: `dep_${ulid(4)}`,
} as const;

export const aProject = (changes: Partial<Project> = {}): Project => ({
  id: ids.project,
  name: 'shop',
  target: { kind: 'site' },
  repository: { url: 'https://git.example.com/shop.git', defaultBranch: 'main' },
  configuration: {},
  parameters: {},
  dependsOn: [],
  settings: {},
  lifecycle: 'registered',
  online: false,
  versionCount: 1,
  createdAt: AT,
  updatedAt: AT,
  revision: 1,
  ...changes,
});

export const anEnvironment = (changes: Partial<Environment> = {}): Environment => ({
  projectId: ids.project,
  name: 'production',
  type: 'production',
  isDefault: true,
  configuration: {},
  concurrency: 'reject',
  rollbackOnFailure: true,
  timeouts: {},
  variables: {},
  createdAt: AT,
  updatedAt: AT,
  revision: 1,
  ...changes,
});

export const aVersion = (changes: Partial<Version> = {}): Version => ({
  id: ids.version,
  projectId: ids.project,
  number: 1,
  source: { type: 'git', ref: 'main' },
  state: 'ready',
  configuration: {},
  createdAt: AT,
  createdBy: 'ann',
  updatedAt: AT,
  revision: 1,
  ...changes,
});

/** A deployment as `POST /deployments` creates it. Changes may make it any member of the union. */
export function aDeployment(
  changes: Partial<DeploymentBase> & { status?: Deployment['status'] } = {},
): Deployment {
  const created = newDeployment({
    id: ids.deployment,
    projectId: ids.project,
    environment: 'production',
    method: 'api',
    message: undefined,
    trigger: { kind: 'api', actor: 'ann' },
    force: false,
    rollbackOnFailure: true,
    snapshot: buildSnapshot(aProject(), aVersion(), anEnvironment(), {}, false),
    overrides: {},
    validation: { passed: true, checks: [], errors: [], warnings: [] },
    createdAt: AT,
    fence: 1,
    version: aVersion(),
    source: { type: 'branch', ref: 'main' },
  });
  // A test that asks for a terminal status gives what that member of the union needs.
  return { ...created, ...changes } as Deployment;
}

/** The stages of a deployment, with the named ones in another state. */
export const stages = (
  states: Partial<
    Record<DeploymentBase['stages'][number]['name'], DeploymentBase['stages'][number]['status']>
  >,
): DeploymentBase['stages'] =>
  aDeployment().stages.map((stage) => ({ ...stage, status: states[stage.name] ?? stage.status }));
