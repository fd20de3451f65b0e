import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { getDeployment } from '../../../shared/store/deployments.ts';

/** A waiting request reads this often (ms): one read unit of at most a few a second. */
const LOOK_EVERY_MS = 1000;

/** Waits until the deployment has ended, at most `seconds`; gives back what it is then. */
export const waitForEnd = (ctx: StoreContext, deployment: Deployment, seconds: number, signal: AbortSignal) =>
  waitUntil(ctx, deployment, seconds, signal, ({ status }) => isTerminal(status));

/** Waits until the revision is another than the caller has seen; without one, until the deployment has ended. */
export const waitForChange = (
  ctx: StoreContext,
  deployment: Deployment,
  seen: { readonly seconds: number; readonly revision?: number | undefined },
  signal: AbortSignal,
) =>
  waitUntil(ctx, deployment, seen.seconds, signal, (current) =>
    seen.revision === undefined ? isTerminal(current.status) : current.revision !== seen.revision,
  );

async function waitUntil(
  ctx: StoreContext,
  deployment: Deployment,
  seconds: number,
  signal: AbortSignal,
  done: (current: Deployment) => boolean,
): Promise<Deployment> {
  const until = ctx.clock.now() + seconds * 1000;
  let current = deployment;
  while (!done(current) && !signal.aborted) {
    const left = until - ctx.clock.now();
    if (left <= 0) break;
    await ctx.clock.sleep(Math.min(LOOK_EVERY_MS, left));
    current = (await getDeployment(ctx, deployment.id)) ?? current;
  }
  return current;
}
