import type { Timeouts } from './records.ts';

/** Defaults and limits of every configurable deadline, in seconds. */
export const DEADLINES = {
  /** An offered job must be claimed within this. */
  claim: { default: 600, min: 5, max: 3600 },
  /** A claimed job must be heard of within this. */
  heartbeat: { default: 60, min: 5, max: 600 },
  build: { default: 1800, min: 5, max: 28_800 },
  /** What the gate does by itself: looking up the ref, checking. Its waits for others have ends of their own. */
  gate: { default: 900, min: 30, max: 3600 },
  release: { default: 1800, min: 10, max: 14_400 },
  /** One call of a function, which AWS ends after 15 minutes. */
  verify: { default: 600, min: 10, max: 900 },
  activate: { default: 900, min: 10, max: 900 },
  /** A target that has not come to rest this long after a settlement began ends it; no shorter than a switch back. */
  drain: { default: 600, min: 180, max: 3600 },
  /** The whole deployment, counted from the gate's pass. */
  deployment: { default: 3600, min: 30, max: 43_200 },
} as const;

/** The longest that the machine's states may be set to, in seconds; a settlement is one call of a function. */
export const CEILING_SECONDS = {
  release: DEADLINES.release.max,
  verify: DEADLINES.verify.max,
  activate: DEADLINES.activate.max,
  settle: 900,
} as const;

/** Longest wait in the gate, a day less than the machine's own limit, so that it ends with a reason. */
export const WAIT_DAYS = 299;

/** A settlement that cannot drain within this ends `timeout`, and the slot stays with the draining owner. */
export const DRAIN_SECONDS = DEADLINES.drain.default;

/** What a cancellation has to stop is told at once; where that was lost, the sweep begins it after this. */
export const CANCEL_SECONDS = 60;

export type ResolvedTimeouts = Readonly<Record<keyof Timeouts, number>>;

/** Every deadline as it counts: what the environment says, else the default. */
export function resolveTimeouts(timeouts: Timeouts): ResolvedTimeouts {
  return {
    claimSeconds: timeouts.claimSeconds ?? DEADLINES.claim.default,
    heartbeatSeconds: timeouts.heartbeatSeconds ?? DEADLINES.heartbeat.default,
    gateSeconds: timeouts.gateSeconds ?? DEADLINES.gate.default,
    buildSeconds: timeouts.buildSeconds ?? DEADLINES.build.default,
    releaseSeconds: timeouts.releaseSeconds ?? DEADLINES.release.default,
    verifySeconds: timeouts.verifySeconds ?? DEADLINES.verify.default,
    activateSeconds: timeouts.activateSeconds ?? DEADLINES.activate.default,
    drainSeconds: timeouts.drainSeconds ?? DEADLINES.drain.default,
    deploymentSeconds: timeouts.deploymentSeconds ?? DEADLINES.deployment.default,
  };
}

/**
 * Longest run of each direct call of `targets` by `steps`, in seconds: `targets` gives up by itself then,
 * and the caller waits a little longer, so that "no answer" means "no longer on the wire" soon after.
 */
export const DIRECT_CALL_SECONDS = { resolve: 30, serving: 30, cancel: 60, restore: 120, hook: 110 } as const;
