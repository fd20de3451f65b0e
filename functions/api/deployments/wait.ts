import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { getDeployment } from '../../../shared/store/deployments.ts';

/** A waiting request reads this often (ms): one read unit of at most a few a second. */
const LOOK_EVERY_MS = 1000;

/**
 * Waits until the deployment has ended, at most `seconds`; gives back what it is then. For requests that change
 * something, which are few; those that only read wait in the function `waiting`.
 */
export async function waitForEnd(
  ctx: StoreContext,
  deployment: Deployment,
  seconds: number,
  signal: AbortSignal,
): Promise<Deployment> {
  const until = ctx.clock.now() + seconds * 1000;
  let current = deployment;
  while (!isTerminal(current.status) && !signal.aborted) {
    const left = until - ctx.clock.now();
    if (left <= 0) break;
    await ctx.clock.sleep(Math.min(LOOK_EVERY_MS, left));
    current = (await getDeployment(ctx, deployment.id)) ?? current;
  }
  return current;
}
