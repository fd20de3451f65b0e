import type { Deployment } from '../domain/records.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import { rowsWithStatus } from './deployment-rows.ts';
import { wakeGate } from './stage-reports.ts';
import { everyOpenDeployment } from './work.ts';

/** Whose gates are to look again, because what they wait for may have changed. */
export interface Waiting {
  readonly status: 'held' | 'awaiting-approval';
  /** Absent: of every project. */
  readonly projectId?: string | undefined;
  /** Absent: of every environment. */
  readonly environment?: string | undefined;
}

/**
 * Lets gates look again after freezes or configuration were changed. What begins to wait in the same moment may be
 * missed, since indexes lag; a gate looks once more itself after it has begun to wait for the end of a freeze, and
 * always before it passes.
 */
export async function wakeWaiting(ctx: StoreContext, waiting: Waiting): Promise<void> {
  for await (const id of idsOf(ctx, waiting)) {
    const found = await getDeployment(ctx, id);
    if (found !== undefined && isMeant(found, waiting)) {
      await wakeGate(ctx, id, (current) => (isMeant(current, waiting) ? {} : undefined));
    }
  }
}

function isMeant(deployment: Deployment, { status, projectId, environment }: Waiting): boolean {
  return (
    deployment.status === status &&
    (projectId === undefined || deployment.projectId === projectId) &&
    (environment === undefined || deployment.environment === environment)
  );
}

async function* idsOf(ctx: StoreContext, { projectId, status }: Waiting): AsyncGenerator<string> {
  if (projectId === undefined) {
    yield* everyOpenDeployment(ctx);
    return;
  }
  for (const { id } of await rowsWithStatus(ctx, projectId, status)) yield id;
}
