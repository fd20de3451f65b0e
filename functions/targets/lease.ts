import type { TargetsDeps } from './deps.ts';

/** A message whose function died comes back after this, instead of after the longest that a function may run (s). */
const LEASE_SECONDS = 90;
const RENEW_MS = 30_000;
/** A look that failed is made again after this (s). */
const RETRY_SECONDS = 30;

/**
 * Works on a message of the queue while a lease on it is renewed: as long as this process lives nobody else gets it,
 * and soon after its death somebody does. A lease that cannot be renewed costs at most a second look at the same time.
 */
export async function whileLeased(
  deps: TargetsDeps,
  receiptHandle: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const hide = (seconds: number) =>
    deps.hideMessage(receiptHandle, seconds).catch((error: unknown) => {
      deps.log.warn('The lease on a message could not be renewed.', { error });
    });
  const timer = setInterval(() => void hide(LEASE_SECONDS), RENEW_MS);
  // Before the work: it is the work that functions die of.
  await hide(LEASE_SECONDS);
  try {
    await work();
  } catch (error) {
    clearInterval(timer);
    await hide(RETRY_SECONDS);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
