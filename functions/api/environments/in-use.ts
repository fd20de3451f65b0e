import * as z from 'zod/mini';
import type { Slot } from '../../../shared/domain/records.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import type { Item } from '../../../shared/store/engine.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';

/** Query of a DELETE: whether live releases may stay online although nothing of Slipway changes them any more. */
export const deleteQuery = z.strictObject({ leaveReleases: z.optional(z.enum(['true', 'false'])) });

/** The slot of an environment that may be removed as far as its line says. @throws Conflict INVALID_STATE */
export async function slotWithoutLine(
  ctx: StoreContext,
  projectId: string,
  environment: string,
): Promise<Slot> {
  const { slot, line } = await slotWithLine(ctx, projectId, environment);
  const first = line[0];
  if (first === undefined || slot.owner !== undefined) return slot;
  const { deploymentId } = first;
  throw new Conflict(
    'INVALID_STATE',
    `The deployment ${deploymentId} waits for the environment ${environment}.`,
    {
      suggestion: 'Cancel what waits there, or let it go first, then delete.',
      facts: { environment, deploymentId },
    },
  );
}

/** The refusal to remove an environment whose slot is held or whose release is live, with the next step; undefined where neither is so. */
export function slotInUse(
  slot: Item | undefined,
  environment: string,
  leaveRelease: boolean,
): Conflict | undefined {
  const owner = slot?.['owner'];
  if (owner !== undefined) {
    return new Conflict(
      'INVALID_STATE',
      `The deployment ${owner} is changing the environment ${environment}.`,
      {
        suggestion: 'Cancel it or wait for its end, then delete.',
        facts: { environment, deploymentId: owner },
      },
    );
  }
  const active = slot?.['active'];
  if (active === undefined || leaveRelease) return undefined;
  return new Conflict('INVALID_STATE', `The environment ${environment} serves the deployment ${active}.`, {
    suggestion:
      'Its release would stay online with nobody to change it. If that is what you want, delete with ?leaveReleases=true (slipway: --leave-releases).',
    facts: { environment, deploymentId: active },
  });
}
