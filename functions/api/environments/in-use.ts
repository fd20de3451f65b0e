import { Conflict } from '../../../shared/errors/requests.ts';
import type { Item } from '../../../shared/store/engine.ts';

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
      'Deleting would leave its release online with nobody to change it. Take the release down at its target first.',
    facts: { environment, deploymentId: active },
  });
}
