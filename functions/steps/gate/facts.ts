import type { Surroundings } from '../../../shared/domain/prerequisites.ts';
import type { Artifact, Deployment, DeploymentSource } from '../../../shared/domain/records.ts';
import { builtBefore } from '../../../shared/domain/retry.ts';
import { buildSnapshot } from '../../../shared/domain/snapshot.ts';
import { StageFailed } from '../../../shared/errors/deployments.ts';
import { once } from '../../../shared/platform/once.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { getDeployment } from '../../../shared/store/deployments.ts';
import { getEnvironment } from '../../../shared/store/environments.ts';
import { type CheckDeps, surroundingsOf } from '../../../shared/store/prerequisites.ts';
import { getProject } from '../../../shared/store/projects.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';
import { requireVersion } from '../../../shared/store/versions.ts';
import type { GateFacts } from './rule.ts';

/** Reads what the rules of the gate decide on. What waited long may find its place deleted. */
export async function gateFacts(
  deps: CheckDeps,
  deployment: Deployment,
  source: DeploymentSource,
): Promise<GateFacts> {
  const { store } = deps;
  const { projectId, environment: name, versionId } = deployment;
  const [project, environment, version, found] = await Promise.all([
    getProject(store, projectId),
    getEnvironment(store, projectId, name),
    requireVersion(store, projectId, versionId),
    slotWithLine(store, projectId, name),
  ]);
  if (project === undefined || environment === undefined) {
    throw new StageFailed('INVALID_CONFIG', `The environment ${name} was deleted while it waited.`);
  }
  const records = { deployment, project, environment, version, source };
  return { ...records, ...found, surroundings: once(() => surroundingsNow(deps, records)) };
}

async function surroundingsNow(
  deps: CheckDeps,
  records: Pick<GateFacts, 'deployment' | 'project' | 'environment' | 'version' | 'source'>,
): Promise<Surroundings> {
  const { project, environment, source, deployment } = records;
  return surroundingsOf(deps, {
    project,
    environment,
    source,
    artifact: await releasedAsIs(deps.store, records),
    at: deps.store.clock.now(),
    overridden: (deployment.freezeOverrides ?? []).map(({ freezeId }) => freezeId),
  });
}

/** What is not going to be built: that of the version, or what the deployment that is tried again had built. */
async function releasedAsIs(
  store: StoreContext,
  { deployment, project, environment, version, source }: Parameters<typeof surroundingsNow>[1],
): Promise<Artifact | undefined> {
  const { parentDeploymentId, overrides } = deployment;
  if (version.artifact !== undefined || parentDeploymentId === undefined) return version.artifact;
  const parent = await getDeployment(store, parentDeploymentId);
  const snapshot = buildSnapshot(project, version, environment, overrides, false);
  return parent && builtBefore(parent, { source, snapshot });
}
