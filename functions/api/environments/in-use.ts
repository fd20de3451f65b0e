import * as z from 'zod/mini';
import { Conflict } from '../../../shared/errors/requests.ts';
import type { Item } from '../../../shared/store/engine.ts';

/** Query of a DELETE: whether live releases may stay online although nothing of Slipway changes them any more. */
export const deleteQuery = z.strictObject({ leaveReleases: z.optional(z.enum(['true', 'false'])) });

/** The refusal to remove an environment whose slot is held or whose release is live, with the next step. */
export function slotInUse(slot: Item | undefined, environment: string): Conflict {
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
  return new Conflict('INVALID_STATE', `The environment ${environment} serves the deployment ${active}.`, {
    suggestion:
      'Its release would stay online with nobody to change it. If that is what you want, delete with ?leaveReleases=true (slipway: --leave-releases).',
    facts: { environment, deploymentId: active },
  });
}
