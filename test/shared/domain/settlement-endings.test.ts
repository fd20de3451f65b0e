import { describe, expect, test } from 'vitest';
import { DRAIN_SECONDS } from '../../../shared/domain/deadlines.ts';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { outcomeOf } from '../../../shared/domain/outcome.ts';
import type { Deployment, Slot } from '../../../shared/domain/records.ts';
import {
  decideSettlement,
  drainEnd,
  type Ending,
  type Reading,
  type SettlementFacts,
  WATCH_FREED_MS,
} from '../../../shared/domain/settlement.ts';
import type { StageOrSettle } from '../../../shared/domain/status.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { AT, AT_MS, aDeployment, ids, stages } from '../../support/records.ts';

const NOW = AT_MS + 60_000;
const DRAINED = NOW + DRAIN_SECONDS * 1000;
const LOOK_AGAIN = NOW + 30_000;
const settling = { at: isoTime(NOW), by: 'machine' };
const serves = (deploymentId?: string, percents: Readonly<Record<string, number>> = {}) =>
  ({
    known: true,
    deploymentId,
    shares: Object.entries(percents).map(([id, percent]) => ({ deploymentId: id, percent })),
  }) satisfies Reading;
const unread = { known: false } as const;

/** Its activation was begun; what became of that is up to the test. */
const activating = (changes: Parameters<typeof aDeployment>[0] = {}) =>
  aDeployment({
    status: 'deploying',
    stage: 'activate',
    activating: true,
    settling,
    stages: stages({ release: 'succeeded', activate: 'running' }),
    ...changes,
  });
const live = stages({ release: 'succeeded', activate: 'succeeded' });
const byAnn = { at: AT, by: 'ann' };
const failure = (code: 'TIMEOUT' | 'LIVE_CHECK_FAILED', stage: StageOrSettle = 'activate') =>
  deploymentError({ code, stage, message: 'Too bad.' });

const decide = (record: Deployment, facts: SettlementFacts = {}, now = NOW) =>
  decideSettlement(record, facts, now);
function endingOf(record: Deployment, facts: SettlementFacts = {}, now = NOW): Ending {
  const step = decide(record, facts, now);
  if (step.kind !== 'end') throw new Error(`expected an end, not ${step.kind}`);
  return step.ending;
}

describe('how the work ended', () => {
  const { failure: _none, ...untouched } = activating();
  test('is succeeded only by the activation: a release that is in place has not succeeded yet', () => {
    expect(outcomeOf({ ...untouched, stages: live } as Deployment)).toStrictEqual({ status: 'succeeded' });
    expect(outcomeOf(untouched as Deployment)).toMatchObject({
      status: 'failed',
      error: {
        code: 'INTERNAL',
        stage: 'activate',
        message:
          'The activate stage was cut off before it could report: its function or its execution ended.',
      },
    });
  });

  test.each([
    ['warn', 'succeeded'],
    ['fail', 'failed'],
  ] as const)('is %s where post hooks were cut off that are to %s', (onPostFailure, status) => {
    const { snapshot } = untouched;
    const hooks = { pre: [], post: [], onPostFailure };
    const activation = { round: 1, enteredAt: AT, passed: true };
    const cut = { ...untouched, activation, snapshot: { ...snapshot, hooks } } as Deployment;
    expect(outcomeOf(cut).status).toBe(status);
  });

  test('stays what it was once that stands on the record, with its error where it has one', () => {
    const ended = { ...activating({ stages: live }), status: 'canceled' } as Deployment;
    expect(outcomeOf(ended)).toStrictEqual({ status: 'canceled' });
    expect(outcomeOf({ ...ended, error: undefined } as Deployment)).toStrictEqual({ status: 'canceled' });
    const error = failure('TIMEOUT');
    expect(outcomeOf({ ...ended, status: 'timeout', error } as Deployment)).toStrictEqual({
      status: 'timeout',
      error,
    });
  });

  test('is told in the words of the rule that canceled it, where that gave no reason', () => {
    const cancelRequested = { ...byAnn, by: 'slipway', code: 'EXPIRED' } as const;
    expect(outcomeOf(activating({ cancelRequested })).error).toMatchObject({
      code: 'EXPIRED',
      stage: 'activate',
      message: expect.stringMatching(/^It was canceled, .+\.$/),
    });
  });
});

describe('a deployment that is served to some of the visitors', () => {
  test('is taken away from them, though it is not the one that is live and nothing is to go back', () => {
    const failed = activating({ failure: failure('LIVE_CHECK_FAILED'), rollbackOnFailure: false });
    expect(decide(failed, { reading: serves(ids.previous, { [ids.deployment]: 10 }) })).toEqual({
      kind: 'restore',
    });
    const shared = { [ids.previous]: 90, [ids.deployment]: 10 };
    expect(decide(failed, { reading: serves(ids.previous, shared) })).toEqual({ kind: 'restore' });
  });

  test('is taken away from them also once it has ended, and keeps the slot where that does not work', () => {
    const reading = serves(ids.previous, { [ids.deployment]: 10 });
    const ended = { ...activating(), status: 'failed', error: failure('LIVE_CHECK_FAILED') } as Deployment;
    expect(decide(ended, { reading })).toEqual({ kind: 'restore' });
    const tried = { reading, restore: { restored: false } };
    expect(decide(ended, tried)).toEqual({ kind: 'wait', reason: 'restore', until: LOOK_AGAIN });
    expect(endingOf(ended, tried, DRAINED)).toMatchObject({ status: 'timeout', draining: true });
  });

  test('ends where the shares are those of others', () => {
    const failed = activating({ failure: failure('LIVE_CHECK_FAILED') });
    const facts = { reading: serves(ids.previous, { dep_other: 10 }) };
    expect(endingOf(failed, facts)).toMatchObject({ status: 'failed', releaseState: 'none' });
    expect(endingOf(failed, { reading: { known: true, deploymentId: ids.previous } }).status).toBe('failed');
  });
});

describe('what is switched back', () => {
  const ours = { reading: serves(ids.deployment) };
  test('is the first one that there ever was too, where people canceled it, and nothing where it failed', () => {
    expect(decide(activating({ cancelRequested: byAnn }), ours)).toEqual({ kind: 'restore' });
    const kept = { cancelRequested: byAnn, rollbackOnFailure: false };
    expect(decide(activating(kept), ours)).toEqual({ kind: 'restore' });
    expect(endingOf(activating({ failure: failure('LIVE_CHECK_FAILED') }), ours).releaseState).toBe('active');
  });

  test('is nothing any more once it has ended', () => {
    const ended = { ...activating({ cancelRequested: byAnn }), status: 'canceled' } as Deployment;
    expect(endingOf(ended, ours)).toMatchObject({ status: 'canceled', releaseState: 'active' });
  });

  test('is not said to be rolled back while it is served', () => {
    const undone = activating({ failure: failure('LIVE_CHECK_FAILED'), undo: { at: AT, attempts: 1 } });
    expect(endingOf(undone, { ...ours, restore: { restored: false } }, DRAINED).releaseState).toBe('active');
    expect(endingOf(undone, { reading: serves() }).releaseState).toBe('rolled-back');
  });
});

describe('while a settlement waits it looks again in half a minute, and not after the end of the drain time', () => {
  const running = activating({ stages: stages({ release: 'running' }) });
  const failed = activating({
    failure: failure('LIVE_CHECK_FAILED'),
    previousDeploymentId: ids.previous,
  });
  test.each([
    ['platform', running, { cancel: { stopped: false } }],
    ['unreadable', failed, { reading: unread }],
    ['restore', failed, { reading: serves(ids.deployment), restore: { restored: false } }],
  ] as const)('%s', (reason, record, facts) => {
    expect(decide(record, facts)).toEqual({ kind: 'wait', reason, until: LOOK_AGAIN });
    expect(decide(record, facts, DRAINED - 10_000)).toEqual({ kind: 'wait', reason, until: DRAINED });
    expect(decide(record, facts, DRAINED - 1)).toEqual({ kind: 'wait', reason, until: DRAINED });
    expect(decide(record, facts, DRAINED).kind).toBe('end');
  });

  test('the drain time begins with the settlement, and now where none has begun', () => {
    expect(drainEnd(activating(), NOW + 5000)).toBe(DRAINED);
    const { settling: _none, ...before } = activating();
    expect(drainEnd(before as Deployment, NOW + 5000)).toBe(DRAINED + 5000);
  });
});

describe('the platform is asked to stop', () => {
  const at = (release: 'pending' | 'running' | 'failed' | 'succeeded') =>
    aDeployment({
      status: 'deploying',
      stage: 'release',
      settling,
      failure: failure('LIVE_CHECK_FAILED'),
      stages: stages({ release }),
    });
  test.each([
    ['running', 'cancel'],
    ['failed', 'cancel'],
    ['succeeded', 'end'],
    ['pending', 'end'],
  ] as const)('a release that is %s: %s', (release, kind) => {
    expect(decide(at(release)).kind).toBe(kind);
  });

  test('once, and what it said is not waited for where nothing can have gone live', () => {
    expect(decide(at('failed'), { cancel: { stopped: false } }).kind).toBe('end');
  });

  test('not for a wish alone, while calls are on the wire that belong to the switch back', () => {
    const calls = { 'restore-1': NOW + 5000 };
    expect(decide(activating({ cancelRequested: byAnn, calls }))).toEqual({
      kind: 'wait',
      reason: 'calls',
      until: NOW + 5000,
    });
  });
});

describe('a deployment that timed out says what is served', () => {
  test.each([
    ['release', 'read'],
    ['verify', 'read'],
    ['activate', 'read'],
    ['gate', 'end'],
    ['build', 'end'],
    ['settle', 'end'],
  ] as const)('in the stage %s: %s', (stage, kind) => {
    expect(
      decide(aDeployment({ status: 'deploying', settling, failure: failure('TIMEOUT', stage) })).kind,
    ).toBe(kind);
  });

  test('also where that is nothing of ours, and another failure does not', () => {
    const timedOut = activating({ failure: failure('TIMEOUT') });
    expect(endingOf(timedOut, { reading: serves() }).error?.message).toBe(
      'Too bad. production serves nothing of ours now.',
    );
    const failed = activating({ failure: failure('LIVE_CHECK_FAILED') });
    expect(endingOf(failed, { reading: serves() }).error?.message).toBe('Too bad.');
  });
});

describe('what an ending says', () => {
  test('is no error where there is none', () => {
    const reading = serves(ids.deployment);
    expect(endingOf(activating({ stages: live }), { reading })).toStrictEqual({
      status: 'succeeded',
      releaseState: 'active',
      active: { deploymentId: ids.deployment, url: undefined },
      draining: false,
    });
  });

  test.each([
    ['dep_other', 'dep_other'],
    [undefined, 'nothing of ours'],
  ])('where the target serves %s by then: what it serves, and what to do', (served, words) => {
    expect(endingOf(activating({ stages: live }), { reading: serves(served) }).error).toMatchObject({
      message: `production serves ${words} although this deployment was made live: somebody changed the target.`,
      suggestion: 'See who changed the target outside of Slipway, then deploy again.',
    });
  });

  test('where it could not be settled: for how long, for which reason before, and that the slot is kept', () => {
    const ending = endingOf(
      activating({ failure: failure('LIVE_CHECK_FAILED') }),
      { reading: unread },
      DRAINED,
    );
    expect(ending).toMatchObject({
      status: 'timeout',
      releaseState: 'none',
      active: 'same',
      draining: true,
      error: {
        message: `What production serves could not be settled within ${DRAIN_SECONDS} s.`,
        cause: 'Too bad.',
        suggestion: 'Look at the target. The environment stays taken until its state can be read back.',
      },
    });
    const unexplained = endingOf(activating(), { reading: unread }, DRAINED);
    expect(unexplained.error).not.toHaveProperty('cause');
  });
});

describe('once a person has freed its slot', () => {
  const error = failure('TIMEOUT', 'settle');
  const freed = (changes: Partial<Deployment> = {}) =>
    ({
      ...activating(),
      status: 'timeout',
      error,
      draining: true,
      slotReleased: { at: isoTime(DRAINED), by: 'ann', reason: 'looked at it' },
      fence: 3,
      ...changes,
    }) as Deployment;
  const place = (changes: Partial<Slot> = {}): Slot => ({
    projectId: ids.project,
    environment: 'production',
    fence: 3,
    line: 5,
    ...changes,
  });
  const after = DRAINED + 60_000;
  const ends = (facts: SettlementFacts, record = freed()) =>
    endingOf(record, { cancel: { stopped: true }, place: place(), ...facts }, after);

  test('it is looked at only while nobody else changes what is served, and knows that', () => {
    const nothingNew = { kind: 'end', ending: { active: 'same', draining: true } };
    expect(decide(freed(), {}, after)).toMatchObject(nothingNew);
    const taken = place({ owner: 'dep_other', fence: 4 });
    expect(decide(freed(), { place: taken }, after)).toMatchObject(nothingNew);
    expect(decide(freed(), { place: place() }, after)).toEqual({ kind: 'read' });
  });

  test('it goes on draining while nothing can be read, and ends with what was read', () => {
    expect(ends({ reading: unread })).toMatchObject({ draining: true, active: 'same' });
    expect(ends({ reading: serves(ids.deployment) })).toMatchObject({
      status: 'timeout',
      error,
      releaseState: 'active',
      active: { deploymentId: ids.deployment },
      draining: false,
    });
    expect(ends({ reading: serves(ids.previous) })).toMatchObject({ releaseState: 'none', draining: false });
  });

  test('it may have been live where others had the place before anybody could look', () => {
    const others = place({ fence: 4 });
    const reading = serves(ids.previous);
    expect(ends({ reading, place: others })).toMatchObject({ releaseState: 'inactive' });
    expect(ends({ reading, place: others }, freed({ activating: false }))).toMatchObject({
      releaseState: 'none',
    });
    const undo = { at: AT, attempts: 1 };
    expect(ends({ reading, place: others }, freed({ undo }))).toMatchObject({ releaseState: 'rolled-back' });
  });

  test('it switches nothing back, not even visitors that it shares', () => {
    const record = freed({ cancelRequested: byAnn });
    expect(ends({ reading: serves(ids.deployment) }, record)).toMatchObject({ releaseState: 'active' });
    const shared = serves(ids.previous, { [ids.deployment]: 10 });
    expect(ends({ reading: shared }, record)).toMatchObject({ draining: true, active: 'same' });
  });

  test('it is not looked at any more once its environment is gone', () => {
    const record = freed({ releaseState: 'inactive' });
    expect(endingOf(record, { place: 'gone' }, after)).toMatchObject({
      releaseState: 'inactive',
      active: 'same',
      draining: false,
    });
  });

  test('it is not looked at any more after a week, and says what it said before', () => {
    const record = freed({ releaseState: 'inactive' });
    const end = DRAINED + WATCH_FREED_MS;
    expect(endingOf(record, {}, end - 1)).toMatchObject({ draining: true });
    expect(endingOf(record, {}, end)).toEqual({
      status: 'timeout',
      error,
      releaseState: 'inactive',
      active: 'same',
      draining: false,
    });
  });
});
