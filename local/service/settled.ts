import { setTimeout as sleep } from 'node:timers/promises';
import { Slipway } from '../../client/src/slipway.ts';
import type { Status } from '../../shared/domain/status.ts';

/** Those that the end of an agent can cut off; the other open ones wait for a person or a time. */
const AT_WORK: readonly Status[] = [
  'created',
  'initializing',
  'building',
  'deploying',
  'verifying',
  'canceling',
];

/** A stopped agent reports its jobs as lost at once; settling them takes the service a second or two. */
const LONGEST_MS = 8_000;

/**
 * Waits, within reason, until the service has settled what the end of the agent cut off, so that the next start
 * doesn't have to wait for the sweep to find it. What isn't settled by then is settled then.
 */
export async function untilSettled(service: { url: string; token: string }): Promise<void> {
  const { deployments } = new Slipway(service);
  const signal = AbortSignal.timeout(LONGEST_MS);
  while (!signal.aborted) {
    const open = await deployments.list({ status: AT_WORK.join(','), limit: 1, signal });
    if (!open.ok || open.value.items.length === 0) return;
    await sleep(250);
  }
}
