import type { Deployment, DeploymentSource } from '../../../shared/domain/records.ts';
import { StageFailed } from '../../../shared/errors/deployments.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { getEnvironment } from '../../../shared/store/environments.ts';
import { getProject } from '../../../shared/store/projects.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';
import { requireVersion } from '../../../shared/store/versions.ts';
import type { GateFacts } from './rule.ts';

/** Reads what the rules of the gate decide on. What waited long may find its place deleted. */
export async function gateFacts(
  store: StoreContext,
  deployment: Deployment,
  source: DeploymentSource,
): Promise<GateFacts> {
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
  const others = await Promise.all(project.dependsOn.map((id) => getProject(store, id)));
  const dependencies = others.filter((one) => one !== undefined);
  return { deployment, project, environment, version, dependencies, source, ...found };
}
