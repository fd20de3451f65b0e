import * as z from 'zod/mini';
import { deploymentId } from '../../shared/contracts/ids.ts';
import type { Actor } from '../../shared/domain/access.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { deploymentNotFound } from '../../shared/errors/not-found.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import { requireRole } from '../http/auth.ts';

export const deploymentParams = z.strictObject({ deploymentId });

/** A deployment that the actor may see. @throws NotFound, the same for one that is not there. */
export async function findDeployment(ctx: StoreContext, actor: Actor, id: string): Promise<Deployment> {
  const deployment = await getDeployment(ctx, id);
  if (deployment === undefined) throw deploymentNotFound(id);
  const { projectId, environment } = deployment;
  requireRole(actor, 'viewer', { projectId, environment }, deploymentNotFound(id));
  return deployment;
}
