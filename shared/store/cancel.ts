import { type CancelOutcome, cancelEnd, cancelOutcome, wordsOf } from '../domain/cancellation.ts';
import { CANCEL_SECONDS } from '../domain/deadlines.ts';
import type { CancelCode, CancelRequest, Deployment } from '../domain/records.ts';
import { isTerminal, mayFollow } from '../domain/status.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeWith } from './deployment-changes.ts';
import { stageDone } from './stage-records.ts';

export interface CancelWish {
  /** Subject of the actor, or `slipway` where a rule wishes it. */
  readonly by: string;
  /** For people, one sentence; with a `code` it becomes the error's message. */
  readonly reason?: string | undefined;
  readonly code?: CancelCode | undefined;
  /** Looked at with the record that the wish is written on: false leaves the deployment alone. */
  readonly onlyIf?: ((current: Deployment) => boolean) | undefined;
}

export interface Canceled {
  /** `left-alone`: `onlyIf` said no, and nothing was written. */
  readonly outcome: CancelOutcome | 'left-alone';
  /** Moment (ms) by which it has ended; only with `stopping`. */
  readonly until?: number | undefined;
  /** As it stands after the wish. */
  readonly deployment: Deployment;
}

/**
 * Records the wish that a deployment ends (rule 8), in any status, with what ends its wait in the gate and the
 * deadline by which the settlement has begun. From this write on nothing new begins: no stage, no call that changes
 * the target. The relay sees it and has it settled; the sweep does where the relay is lost.
 * Repeats are one: the first wish stands. Only the settlement's own transaction comes before it, and then it has ended.
 */
export async function requestCancel(ctx: StoreContext, id: string, wish: CancelWish): Promise<Canceled> {
  let leftAlone = false;
  const deployment = await changeWith(ctx, id, (current) => {
    leftAlone = false;
    if (isTerminal(current.status) || current.cancelRequested !== undefined) return undefined;
    leftAlone = wish.onlyIf?.(current) === false;
    return leftAlone ? undefined : asked(current, wish, ctx.clock.now());
  });
  if (leftAlone) return { outcome: 'left-alone', deployment };
  const outcome = cancelOutcome(deployment);
  return outcome === 'stopping'
    ? { outcome, until: cancelEnd(deployment, ctx.clock.now()), deployment }
    : { outcome, deployment };
}

function asked(current: Deployment, { by, reason, code }: CancelWish, now: number) {
  const request: CancelRequest = {
    at: isoTime(now),
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
  };
  return {
    ...(mayFollow(current.status, 'canceling') ? { status: 'canceling' as const } : {}),
    cancelRequested: request,
    note: `being canceled, ${wordsOf(request)}`,
    deadlines: { ...current.deadlines, cancel: now + CANCEL_SECONDS * 1000 },
    // The gate may be waiting for something that never comes now: it has to look again (rule 6).
    ...(current.stage === 'gate' && !stageDone(current, 'gate') ? { wake: current.wake + 1 } : {}),
  };
}
