import { announcementsFor } from '../../shared/domain/announcements.ts';
import { publishStatus } from '../../shared/platform/sockets.ts';
import { getDeployment, markPublished } from '../../shared/store/deployments.ts';
import type { SweepDeps } from './deps.ts';

/** Announces what a relay that failed has not. Everything so far is announced again: its events carry ids. */
export async function announce(deps: SweepDeps, id: string): Promise<void> {
  const deployment = await getDeployment(deps.sockets.store, id);
  if (deployment === undefined || deployment.published >= deployment.revision) return;
  await publishStatus(deps.sockets, deployment);
  await deps.bus.publish(announcementsFor(undefined, deployment));
  await markPublished(deps.sockets.store, id, 0, deployment.revision);
}
