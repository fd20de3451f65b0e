import type { Timeouts } from './records.ts';

/** Defaults and limits of every configurable deadline, in seconds. */
export const DEADLINES = {
  /** An offered job must be claimed within this. */
  claim: { default: 600, min: 5, max: 3600 },
  /** A claimed job must be heard of within this. */
  heartbeat: { default: 60, min: 5, max: 600 },
  build: { default: 1800, min: 5, max: 28_800 },
  /** The whole deployment, counted from the gate's pass. */
  deployment: { default: 3600, min: 30, max: 43_200 },
} as const;

/** Fixed ceilings of the other stages, in seconds; each is a Lambda call (15 min limit) plus its retries. */
export const STAGE_SECONDS = { gate: 900, release: 1800, verify: 600, activate: 900, settle: 900 } as const;

/** A settlement that cannot drain within this ends `timeout`, and the slot stays with the draining owner. */
export const DRAIN_SECONDS = 600;

/** What a cancellation has to stop is told at once; where that was lost, the sweep begins it after this. */
export const CANCEL_SECONDS = 60;

export interface ResolvedTimeouts {
  readonly claimSeconds: number;
  readonly heartbeatSeconds: number;
  readonly buildSeconds: number;
  readonly deploymentSeconds: number;
}

export function resolveTimeouts(timeouts: Timeouts): ResolvedTimeouts {
  return {
    claimSeconds: timeouts.claimSeconds ?? DEADLINES.claim.default,
    heartbeatSeconds: timeouts.heartbeatSeconds ?? DEADLINES.heartbeat.default,
    buildSeconds: timeouts.buildSeconds ?? DEADLINES.build.default,
    deploymentSeconds: timeouts.deploymentSeconds ?? DEADLINES.deployment.default,
  };
}

/**
 * Longest run of each direct call of `targets` by `steps`, in seconds: `targets` gives up by itself then,
 * and the caller waits a little longer, so that "no answer" means "no longer on the wire" soon after.
 */
export const DIRECT_CALL_SECONDS = { resolve: 30, serving: 30, cancel: 60, restore: 120 } as const;
