import type { Deployment } from '../domain/records.ts';
import { RESTORE_CALL } from '../domain/settlement.ts';
import { isTerminal } from '../domain/status.ts';
import { FenceLost } from '../errors/deployments.ts';
import type { StoreContext } from './context.ts';
import { changeWith, requireDeployment } from './deployment-changes.ts';

/** Why a deployment may no longer change what its target serves; undefined while it may. */
export function barredFromChanging(deployment: Deployment, fence: number): string | undefined {
  if (isTerminal(deployment.status)) return `it has ended (${deployment.status})`;
  if (deployment.settling !== undefined) return 'its settlement has begun';
  if (deployment.cancelRequested !== undefined) return 'its cancellation was asked for';
  if (deployment.fence !== fence) return `it holds fence ${deployment.fence}, the caller ${fence}`;
  return undefined;
}

function assertNotBarred(deployment: Deployment, fence: number): void {
  const reason = barredFromChanging(deployment, fence);
  if (reason === undefined) return;
  throw new FenceLost(`Deployment ${deployment.id} may not change its target: ${reason}.`, {
    facts: { deploymentId: deployment.id, fence },
  });
}

/**
 * Writes the intent of a call that can change what the target serves (rule 4). Must come back before the call goes out.
 * `until`: latest moment (ms) at which the call can still be on the wire.
 * `activates`: from this call on the release may be live, so only the settlement goes back.
 * Raises FenceLost where the deployment may not change its target any more.
 */
export function beginCall(
  ctx: StoreContext,
  id: string,
  fence: number,
  attempt: string,
  until: number,
  options: { readonly activates?: boolean } = {},
): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    assertNotBarred(current, fence);
    return {
      calls: { ...current.calls, [attempt]: until },
      activating: current.activating || options.activates === true,
    };
  });
}

/** Removes the intent once the call's outcome is known. Where it is not, leave the entry: settlement waits it out. */
export function endCall(ctx: StoreContext, id: string, attempt: string): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    if (!(attempt in current.calls)) return undefined;
    const { [attempt]: _ended, ...calls } = current.calls;
    return { calls };
  });
}

/** Strong read: raises FenceLost unless this call, whose intent was written, may still take effect. */
export async function assertCallMayChange(
  ctx: StoreContext,
  id: string,
  fence: number,
  attempt: string,
): Promise<void> {
  const deployment = await requireDeployment(ctx, id);
  assertNotBarred(deployment, fence);
  const until = deployment.calls[attempt];
  if (until === undefined || until <= ctx.clock.now()) {
    throw new FenceLost(`Deployment ${id} has no running intent for call ${attempt}.`, {
      facts: { deploymentId: id, attempt },
    });
  }
}

/** Does its settlement still have the say over what is served? After the end only as long as it keeps the slot. */
const settles = ({ status, settling, draining, slotReleased }: Deployment): boolean =>
  isTerminal(status) ? draining === true && slotReleased === undefined : settling !== undefined;

/**
 * The intent of the settlement's own call: the switch back. Only a settlement that has begun may write it, and it
 * is noted on the record, so that a settlement that starts over knows that this release was live.
 */
export async function beginRestore(
  ctx: StoreContext,
  id: string,
  at: string,
  until: number,
): Promise<{ readonly attempt: string }> {
  let attempt: string = RESTORE_CALL;
  await changeWith(ctx, id, (current) => {
    if (!settles(current)) {
      throw new FenceLost(`Deployment ${id} is not being settled; nothing is to be switched back.`);
    }
    const attempts = (current.undo?.attempts ?? 0) + 1;
    attempt = `${RESTORE_CALL}-${attempts}`;
    return { undo: { at: current.undo?.at ?? at, attempts }, calls: { ...current.calls, [attempt]: until } };
  });
  return { attempt };
}

/**
 * Strong read for the switch back: the latest moment (ms) at which its call can still be on the wire. Raises
 * FenceLost unless the settlement's own intent stands and is not past.
 */
export async function assertRestoreMayChange(ctx: StoreContext, id: string, fence: number): Promise<number> {
  const deployment = await requireDeployment(ctx, id);
  const ours = Object.entries(deployment.calls).filter(([name]) => name.startsWith(RESTORE_CALL));
  const until = Math.max(...ours.map(([, moment]) => moment));
  if (settles(deployment) && deployment.fence === fence && until > ctx.clock.now()) return until;
  throw new FenceLost(`Deployment ${id} has no running intent to switch back.`, {
    facts: { deploymentId: id },
  });
}
