import { type Place, placeIn } from '../../shared/domain/admission.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { slotWithLine } from '../../shared/store/slot.ts';

/** Where a deployment stands in line as that is now; undefined where it does not wait in one. */
export async function placeOf(ctx: StoreContext, deployment: Deployment): Promise<Place | undefined> {
  const { id, projectId, environment, status } = deployment;
  if (status !== 'queued' && status !== 'held') return undefined;
  const { slot, line } = await slotWithLine(ctx, projectId, environment);
  return placeIn(slot, line, id);
}
