import { isSuperseded } from '../domain/admission.ts';
import type { Deployment } from '../domain/records.ts';
import { requestCancel } from './cancel.ts';
import type { StoreContext } from './context.ts';
import { type SlotWithLine, slotWithLine } from './slot.ts';

/** Who wishes it where a rule does. */
const RULE = 'slipway';

/**
 * Cancels what waits in this environment's line and has lost its place to a newer deployment. Losing it was part of
 * the newer one's creation, so nothing here can have the slot any more; this only ends it, and repeats are one.
 */
export async function cancelSuperseded(
  ctx: StoreContext,
  { projectId, environment }: Pick<Deployment, 'projectId' | 'environment'>,
): Promise<void> {
  const found = await slotWithLine(ctx, projectId, environment);
  const lost = found.line.filter((waiter) => isSuperseded(waiter, found.slot));
  await Promise.all(lost.map(({ deploymentId }) => cancelAsSuperseded(ctx, found.slot, deploymentId)));
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
