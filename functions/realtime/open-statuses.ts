import { frameText, statusOf } from '../../shared/platform/frames.ts';
import { openDeploymentsOf } from '../../shared/store/deployment-list.ts';
import { getDeployments } from '../../shared/store/deployments.ts';
import type { RealtimeDeps } from './deps.ts';

/**
 * The newest of those that are open, as many as one call reads. There may be more, since fifty may stand in the line of
 * each environment: those are told of with their next change, and the list of deployments has them.
 */
const MOST = 100;

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
  const ids = await openDeploymentsOf(store, projectId, { limit: MOST, visible });
  if (ids.length === 0) return [];
  // Strongly: what changed before the subscription was there does not come by itself.
  const deployments = await getDeployments(store, ids, { consistent: true });
  const now = store.clock.now();
  return ids.flatMap((id) => {
    const deployment = deployments.get(id);
    return deployment === undefined
      ? []
      : [frameText('status', topic, statusOf(deployment), now, deployment.revision)];
  });
}
