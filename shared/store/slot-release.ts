import type { Deployment, SlotRelease } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import { Conflict } from '../errors/requests.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import { transact } from './engine.ts';
import { freed, rewriteSlot, slotWithLine } from './slot.ts';
import { rewritten, succession } from './succession.ts';

/**
 * Frees the slot of a deployment that has ended and whose target was not seen to come to rest, and hands it to the
 * next in line. The record of that deployment says who did it and why. It goes on draining without the slot: once the
 * target can be read, the record learns whether its release is live.
 * @throws Conflict INVALID_STATE where nobody has the slot, or somebody whose end still comes by itself, or somebody
 * whose call may still be on its way to the target
 * @throws ConditionFailed where the slot or the deployment was moved meanwhile
 */
export async function releaseSlot(
  ctx: StoreContext,
  place: { readonly projectId: string; readonly environment: string },
  { by, reason }: Omit<SlotRelease, 'at'>,
): Promise<Deployment> {
  const { projectId, environment } = place;
  const { slot, line } = await slotWithLine(ctx, projectId, environment);
  const owner = slot.owner === undefined ? undefined : await getDeployment(ctx, slot.owner);
  if (owner === undefined) {
    throw new Conflict('INVALID_STATE', `No deployment has the slot of ${environment}.`, {
      suggestion: 'There is nothing to free: start the next deployment.',
      facts: { environment },
    });
  }
  if (!isTerminal(owner.status)) {
    throw new Conflict(
      'INVALID_STATE',
      `Deployment ${owner.id} is changing ${environment} (${owner.status}).`,
      {
        suggestion: `Cancel it: slipway cancel ${owner.id}. Its end frees the slot.`,
        facts: { environment, deploymentId: owner.id },
      },
    );
  }
  assertNothingOnTheWire(ctx, owner);
  const slotReleased = { at: isoTime(ctx.clock.now()), by, reason };
  const next = await succession(ctx, freed(slot), line, () => true);
  await transact(ctx, [
    rewriteSlot(slot, next.slot),
    rewritten(ctx, owner, { slotReleased }),
    ...next.writes,
  ]);
  return owner;
}

/** What is sent lands however late: under the next owner it would undo what that one does (rule 4). */
function assertNothingOnTheWire({ clock }: StoreContext, { id, environment, calls }: Deployment): void {
  const until = Math.max(...Object.values(calls));
  if (until <= clock.now()) return;
  const at = isoTime(until);
  throw new Conflict('INVALID_STATE', `A call of ${id} to its target may still be on its way until ${at}.`, {
    suggestion: `Free ${environment} after that; most likely it is free by itself then.`,
    facts: { environment, deploymentId: id, until: at },
  });
}
