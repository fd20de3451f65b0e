import { isSuperseded, priorityOf } from '../domain/admission.ts';
import type { Deployment } from '../domain/records.ts';
import { requestCancel } from './cancel.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import { rowsWithStatus } from './deployment-rows.ts';
import { type SlotWithLine, slotWithLine } from './slot.ts';

/** Who wishes it where a rule does. */
const RULE = 'slipway';

/**
 * Cancels what waits in this environment, in its line or for people, and has lost its place to a newer deployment.
 * Losing it was part of the newer one's creation, so nothing here can have the slot any more; this only ends it, and
 * repeats are one.
 */
export async function cancelSuperseded(
  ctx: StoreContext,
  { id: own, projectId, environment }: Pick<Deployment, 'id' | 'projectId' | 'environment'>,
): Promise<void> {
  const found = await slotWithLine(ctx, projectId, environment);
  const lost = found.line.filter((waiter) => isSuperseded(waiter, found.slot));
  const cancel = (id: string) => cancelAsSuperseded(ctx, found.slot, id);
  // Of many that start at once only the newest has to see to the others.
  if (found.slot.superseded?.by !== own) {
    if (lost.some(({ deploymentId }) => deploymentId === own)) await cancel(own);
    return;
  }
  await Promise.all(lost.map(({ deploymentId }) => cancel(deploymentId)));
  for (const id of await waitingForPeople(ctx, projectId, environment)) {
    const waiting = await getDeployment(ctx, id);
    if (waiting?.ticket === undefined || waiting.status !== 'awaiting-approval') continue;
    const place = { ticket: waiting.ticket, priority: priorityOf(waiting.type) };
    if (isSuperseded(place, found.slot)) await cancel(id);
  }
}

/** As an index knows them, which may lag: what it misses finds out at its gate's next look. */
async function waitingForPeople(
  ctx: StoreContext,
  projectId: string,
  environment: string,
): Promise<string[]> {
  const rows = await rowsWithStatus(ctx, projectId, 'awaiting-approval');
  return rows.filter((row) => row.environment === environment).map(({ id }) => id);
}

/** Records the wish of the rule on one deployment that lost its place. */
export async function cancelAsSuperseded(
  ctx: StoreContext,
  { superseded, environment }: SlotWithLine['slot'],
  deploymentId: string,
): Promise<void> {
  await requestCancel(ctx, deploymentId, {
    by: RULE,
    code: 'SUPERSEDED',
    reason: `${superseded?.by ?? 'A newer deployment'} took its place in the line of ${environment}.`,
  });
}
