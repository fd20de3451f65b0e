import { CANCEL_SECONDS, resolveTimeouts } from './deadlines.ts';
import type { CancelRequest, Deployment } from './records.ts';
import { isTerminal } from './status.ts';

/**
 * What became of the wish. `stopped`: it has ended as canceled, or nothing runs for it and nothing will.
 * `stopping`: what runs is being stopped, or switched back. `already-finished`: it had ended by itself.
 */
export type CancelOutcome = 'stopped' | 'stopping' | 'already-finished';

/** The sweep comes this often (ms): whatever was lost on the way is made up for within it. */
const SWEEP_MS = 60_000;

export function cancelOutcome(record: Deployment): CancelOutcome {
  if (isTerminal(record.status)) return record.status === 'canceled' ? 'stopped' : 'already-finished';
  return isIdle(record) ? 'stopped' : 'stopping';
}

/** Waits in the gate with no runner at work for it: its end is a write that nothing can come before. */
function isIdle({ stage, stages, settling, deadlines, calls }: Deployment): boolean {
  const gatePassed = stages.some(({ name, status }) => name === 'gate' && status === 'succeeded');
  const onRunner = deadlines.claim !== undefined || deadlines.heartbeat !== undefined;
  return (
    stage === 'gate' && !gatePassed && !onRunner && settling === undefined && Object.keys(calls).length === 0
  );
}

/**
 * The moment (ms) by which a canceled deployment has ended, whatever dies meanwhile. Where a call may have changed
 * what is served, the target is given its time to come to rest and to be switched back.
 */
export function cancelEnd(record: Deployment, now: number): number {
  const { settling, cancelRequested, activating, calls } = record;
  const asked = cancelRequested === undefined ? now : Date.parse(cancelRequested.at);
  const begun = settling === undefined ? asked + CANCEL_SECONDS * 1000 : Date.parse(settling.at);
  const touched = activating || Object.keys(calls).length > 0;
  return begun + SWEEP_MS + (touched ? resolveTimeouts(record.snapshot.timeouts).drainSeconds * 1000 : 0);
}

/** Who wished it and why, for people. */
export function wordsOf({ by, reason }: CancelRequest): string {
  return reason === undefined ? `asked for by ${by}` : `asked for by ${by}: ${reason}`;
}
