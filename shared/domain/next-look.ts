import { nextPurgeAt } from './log-purge.ts';
import type { Deployment } from './records.ts';
import { isTerminal, WAITING_STATUSES } from './status.ts';

/** How long the direct way (the start itself, the relay) has before the sweep does its work (ms). */
export const SWEEP_GRACE_MS = 30_000;

/** A deployment that was not heard of for this long is looked at: does its execution still run (ms)? */
export const QUIET_MS = 60_000;

/** To the next whole minute, as the sweep comes: so that changes soon after each other leave the index as it is. */
const quietFrom = (updatedAt: number) => Math.ceil((updatedAt + QUIET_MS) / 60_000) * 60_000;

/**
 * The moment (ms) from which the sweep has something to do for this deployment; undefined when it never will.
 * It is the sort key of the work index, so it may only depend on the record.
 */
export function nextLookAt(deployment: Deployment): number | undefined {
  const purge = nextPurgeAt(deployment.purges);
  if (isTerminal(deployment.status)) {
    // Both were left over by the settlement. The log is the relay's; for the slot the sweep's minute is grace enough.
    const updatedAt = Date.parse(deployment.updatedAt);
    if (deployment.draining) return updatedAt;
    return deployment.closing ? updatedAt + SWEEP_GRACE_MS : purge;
  }
  if (deployment.settling !== undefined) {
    return Math.max(Date.parse(deployment.settling.at) + SWEEP_GRACE_MS, ...Object.values(deployment.calls));
  }
  const due = Object.values(deployment.deadlines).filter((moment) => moment !== undefined);
  if (purge !== undefined) due.push(purge);
  if (deployment.wake > deployment.seen) due.push(Date.parse(deployment.updatedAt) + SWEEP_GRACE_MS);
  // Where nobody waits for a person or for a moment, silence is worth a look.
  if (!WAITING_STATUSES.includes(deployment.status)) due.push(quietFrom(Date.parse(deployment.updatedAt)));
  if (deployment.executionArn === undefined) due.push(Date.parse(deployment.createdAt) + SWEEP_GRACE_MS);
  return due.length === 0 ? Date.parse(deployment.createdAt) : Math.min(...due);
}

/** A look that comes too early costs less than moving it, as long as it is not to be put off for longer than this (ms). */
const WORTH_MOVING_MS = 600_000;

/**
 * Is the sweep to look when it would have looked before the change? Then the work index stays as it is: the sweep may
 * look too early, never too late.
 */
export function looksAsBefore(before: Deployment, after: Deployment): boolean {
  const [was, is] = [nextLookAt(before), nextLookAt(after)];
  if (was === undefined || is === undefined || was > is) return false;
  return is <= Date.parse(after.updatedAt) + WORTH_MOVING_MS;
}
