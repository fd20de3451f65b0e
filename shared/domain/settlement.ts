import { resolveTimeouts } from './deadlines.ts';
import { deploymentError } from './deployment-errors.ts';
import { displaced, type Outcome, outcomeOf, timedOutAtTarget } from './outcome.ts';
import type { Deployment, DeploymentError, Slot } from './records.ts';
import { isTerminal, type ReleaseState, type TerminalStatus } from './status.ts';

/** What the target said that it serves. */
export type Reading =
  | { readonly known: false }
  | {
      readonly known: true;
      readonly deploymentId?: string | undefined;
      readonly url?: string | undefined;
      /** Who else is served to some of the visitors. */
      readonly shares?: readonly { readonly deploymentId: string; readonly percent: number }[] | undefined;
    };

/** What the settlement has found out so far, in this run. */
export interface SettlementFacts {
  /** Latest reading, made after the last call that could change what is served. */
  readonly reading?: Reading | undefined;
  /** Was the platform asked to stop its own operation, and is it known to have stopped? */
  readonly cancel?: { readonly stopped: boolean } | undefined;
  /** Outcome of the switch back in this run. */
  readonly restore?: { readonly restored: boolean } | undefined;
  /**
   * Where a person took the slot from this deployment (`slotReleased`): the slot as it stood before the reading, or
   * that there is no such environment any more.
   */
  readonly place?: Slot | 'gone' | undefined;
}

/** How a deployment ends. `active`: what the environment serves from now on, as far as the settlement knows. */
export interface Ending {
  readonly status: TerminalStatus;
  readonly error?: DeploymentError | undefined;
  readonly releaseState: ReleaseState;
  /** `same`: nothing this deployment did can have changed what is served, or it cannot be known yet. */
  readonly active: 'same' | { readonly deploymentId?: string | undefined; readonly url?: string | undefined };
  /** The target has not come to rest: the slot is kept. */
  readonly draining: boolean;
}

/** What the settlement does next. It decides again after each of these, with what it has learned. */
export type SettlementStep =
  /** Come back at `until` (ms) at the latest: what is waited for may end sooner. */
  | {
      readonly kind: 'wait';
      readonly until: number;
      readonly reason: 'calls' | 'platform' | 'unreadable' | 'restore';
    }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'read' }
  | { readonly kind: 'restore' }
  | { readonly kind: 'end'; readonly ending: Ending };

/** Names of the settlement's own calls, the switches back, begin with this; nothing stops those. */
export const RESTORE_CALL = 'restore';

/**
 * For so long after a person freed its slot (ms) it is looked at, whether its release is what is served: a server that
 * is out of order is repaired within a week, or never.
 */
export const WATCH_FREED_MS = 7 * 86_400_000;

/** Between two looks of a settlement that waits for something outside (ms); the sweep comes once a minute. */
const LOOK_AGAIN_MS = 30_000;

/**
 * The whole settlement as a decision (rule 4): wait out what is on the wire, stop the platform's own operation,
 * read what is served, switch back where that is right, and end. Pure: the same record and facts, the same step.
 */
export function decideSettlement(record: Deployment, facts: SettlementFacts, now: number): SettlementStep {
  const drained = drainEnd(record, now) <= now;
  const freed = decideFreed(record, facts, now);
  if (freed !== undefined) return freed;
  const onTheWire = Object.values(record.calls).filter((until) => until > now);
  if (onTheWire.length > 0) {
    // What is canceled is stopped while it goes on: a platform may take minutes over what nobody wants any more.
    if (record.cancelRequested !== undefined && facts.cancel === undefined && platformMayStillWork(record)) {
      return { kind: 'cancel' };
    }
    return drained ? unresolved(record) : wait('calls', Math.max(...onTheWire), record, now);
  }
  if (platformMayStillWork(record)) {
    if (facts.cancel === undefined) return { kind: 'cancel' };
    if (record.activating && !facts.cancel.stopped) {
      return drained ? unresolved(record) : wait('platform', now + LOOK_AGAIN_MS, record, now);
    }
  }
  // Without an activation intent no call of this deployment can have changed what is served.
  const outcome = outcomeOf(record);
  if (!record.activating && outcome.status !== 'succeeded') {
    if (facts.reading === undefined && timedOutAtTarget(record, outcome)) return { kind: 'read' };
    return end(record, withServed(record, outcome, facts), 'same', facts);
  }
  if (facts.reading === undefined) return { kind: 'read' };
  if (!facts.reading.known) {
    return drained ? unresolved(record) : wait('unreadable', now + LOOK_AGAIN_MS, record, now);
  }
  return decideFromReading(record, facts.reading, facts, drained, now);
}

/**
 * What is different once a person has freed the slot: it is only looked at, while nobody else changes what is served,
 * and not for ever. Undefined where it is to be settled as any other.
 */
function decideFreed(
  record: Deployment,
  { place }: SettlementFacts,
  now: number,
): SettlementStep | undefined {
  const { slotReleased, releaseState } = record;
  if (slotReleased === undefined) return undefined;
  if (place === 'gone' || Date.parse(slotReleased.at) + WATCH_FREED_MS <= now) {
    return { kind: 'end', ending: { ...outcomeOf(record), releaseState, active: 'same', draining: false } };
  }
  return place !== undefined && place.owner === undefined ? undefined : unresolved(record);
}

function decideFromReading(
  record: Deployment,
  reading: Extract<Reading, { known: true }>,
  facts: SettlementFacts,
  drained: boolean,
  now: number,
): SettlementStep {
  const served = reading.deploymentId === record.id;
  const outcome = outcomeOf(record);
  if (outcome.status === 'succeeded') {
    return end(record, served ? outcome : displaced(record, reading.deploymentId), reading, facts);
  }
  // Once it has ended only the truth about what is served is still missing: what all get is not switched any more.
  const halfLive = sharesVisitors(record, reading);
  // Without the slot it switches nothing: whoever has it next decides about those visitors too.
  if (halfLive && record.slotReleased !== undefined) return unresolved(record);
  if (!halfLive && (!goesBack(record, reading) || isTerminal(record.status))) {
    return end(record, withServed(record, outcome, facts), reading, facts);
  }
  if (facts.restore === undefined) return { kind: 'restore' };
  // The switch back was tried in this run and this deployment is served all the same.
  if (!drained) return wait('restore', now + LOOK_AGAIN_MS, record, now);
  return halfLive ? unresolved(record) : end(record, withServed(record, outcome, facts), reading, facts);
}

/** The last moment (ms) of draining. Where the settlement has not begun, it begins now. */
export function drainEnd(record: Deployment, now: number): number {
  const began = record.settling === undefined ? now : Date.parse(record.settling.at);
  return began + drainSeconds(record) * 1000;
}

const drainSeconds = (record: Deployment) => resolveTimeouts(record.snapshot.timeouts).drainSeconds;

/** Whoever hears that a target took too long wants to know first what is served now, and whether that may change. */
function withServed(record: Deployment, outcome: Outcome, { reading, cancel }: SettlementFacts): Outcome {
  const { error } = outcome;
  if (error === undefined || !timedOutAtTarget(record, outcome)) return outcome;
  const { environment } = record;
  const served = reading?.known
    ? `${environment} serves ${reading.deploymentId ?? 'nothing of ours'} now.`
    : `What ${environment} serves could not be read.`;
  const goesOn =
    cancel?.stopped === false
      ? ' The target did not confirm that it has stopped and may still go on with what it began.'
      : '';
  return { ...outcome, error: { ...error, message: `${error.message} ${served}${goesOn}` } };
}

/** What only some of the visitors get is never left so, not even by what has ended: nothing is half live. */
const sharesVisitors = ({ id }: Deployment, { shares = [] }: Extract<Reading, { known: true }>) =>
  shares.some(({ deploymentId }) => deploymentId === id);

const goesBack = (record: Deployment, { deploymentId }: Extract<Reading, { known: true }>) =>
  deploymentId === record.id && wantsUndo(record);

/** A cancellation goes back in any case; a failure only to something, and only where the environment wants it. */
const wantsUndo = (record: Deployment) =>
  record.cancelRequested !== undefined ||
  (record.rollbackOnFailure && record.previousDeploymentId !== undefined);

/**
 * A release that was begun and not seen to end may still be worked on by the platform, and so may a call whose
 * intent is past and still there: nobody learned what became of it, and the platform may have taken it on.
 */
const platformMayStillWork = (record: Deployment) =>
  Object.keys(record.calls).some((name) => !name.startsWith(RESTORE_CALL)) ||
  record.stages.some(
    ({ name, status }) => name === 'release' && (status === 'running' || status === 'failed'),
  );

function wait(
  reason: Extract<SettlementStep, { kind: 'wait' }>['reason'],
  until: number,
  record: Deployment,
  now: number,
): SettlementStep {
  return { kind: 'wait', reason, until: Math.min(until, drainEnd(record, now)) };
}

/** The target has not come to rest in its time: the deployment ends, and goes on draining, with its slot if it has it. */
function unresolved(record: Deployment): SettlementStep {
  const error = deploymentError({
    code: 'TIMEOUT',
    stage: 'settle',
    message: `What ${record.environment} serves could not be settled within ${drainSeconds(record)} s.`,
    cause: record.failure?.message,
    suggestion: 'Look at the target. The environment stays taken until its state can be read back.',
  });
  return {
    kind: 'end',
    ending: { status: 'timeout', error, releaseState: record.releaseState, active: 'same', draining: true },
  };
}

function end(
  record: Deployment,
  outcome: Outcome,
  reading: 'same' | Extract<Reading, { known: true }>,
  { place }: SettlementFacts,
): SettlementStep {
  const served = reading !== 'same' && reading.deploymentId === record.id;
  const undone = record.undo !== undefined && !served;
  // Others had the place before anybody could look: what may have been live is not said never to have been.
  const othersHadIt = typeof place === 'object' && place.fence !== record.fence;
  const left = undone ? 'rolled-back' : record.activating && othersHadIt ? 'inactive' : 'none';
  return {
    kind: 'end',
    ending: {
      status: outcome.status,
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
      releaseState: served ? 'active' : left,
      active: reading === 'same' ? 'same' : { deploymentId: reading.deploymentId, url: reading.url },
      draining: false,
    },
  };
}
