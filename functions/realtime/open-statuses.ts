import { frameText, statusOf } from '../../shared/platform/frames.ts';
import { openDeploymentsOf } from '../../shared/store/deployment-list.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import type { RealtimeDeps } from './deps.ts';

/** More than are ever open at a time: fifty stand in the line of an environment at the most. */
const MOST = 50;

/**
 * What a project's viewer begins with: where each of its deployments stands that has not ended and that the viewer may
 * see. The subscription is there by now, so what changes from here on comes by itself.
 */
export async function openStatuses(
  { store }: RealtimeDeps,
  topic: string,
  projectId: string,
  environments: readonly string[] | undefined,
): Promise<string[]> {
  const visible = ({ environment }: { readonly environment: string }) =>
    environments?.includes(environment) ?? true;
  const rows = await openDeploymentsOf(store, projectId, { limit: MOST, visible });
  const deployments = await Promise.all(rows.map(({ id }) => getDeployment(store, id)));
  const now = store.clock.now();
  return deployments.flatMap((deployment) =>
    deployment === undefined
      ? []
      : [frameText('status', topic, statusOf(deployment), now, deployment.revision)],
  );
}
