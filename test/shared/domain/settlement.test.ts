import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRAIN_SECONDS } from '../../../shared/domain/deadlines.ts';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import {
  decideSettlement,
  drainEnd,
  type Reading,
  type SettlementFacts,
} from '../../../shared/domain/settlement.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { AT, AT_MS, aDeployment, ids, stages } from '../../support/records.ts';

const NOW = AT_MS + 60_000;
const settling = { at: isoTime(NOW), by: 'machine' };
const serves = (deploymentId?: string): Reading => ({ known: true, deploymentId, url: 'https://x.test' });
const liveFailure = deploymentError({
  code: 'LIVE_CHECK_FAILED',
  stage: 'activate',
  message: 'It answered 500.',
});

/** Activated, live checks passed. */
const green = () =>
  aDeployment({
    status: 'deploying',
    stage: 'activate',
    activating: true,
    settling,
    previousDeploymentId: ids.previous,
    stages: stages({ gate: 'succeeded', build: 'succeeded', release: 'succeeded', activate: 'succeeded' }),
  });
/** Activated, live checks failed. */
const redLive = (changes: Partial<Deployment> = {}) =>
  ({
    ...green(),
    failure: liveFailure,
    stages: stages({ release: 'succeeded', activate: 'failed' }),
    ...changes,
  }) as Deployment;
/** Failed before any call to the target. */
const redBuild = () =>
  aDeployment({
    status: 'building',
    stage: 'build',
    settling,
    failure: deploymentError({ code: 'BUILD_FAILED', stage: 'build', message: 'Exit 7.', exitCode: 7 }),
  });

const decide = (record: Deployment, facts: SettlementFacts = {}, now = NOW) =>
  decideSettlement(record, facts, now);
const endingOf = (record: Deployment, facts: SettlementFacts = {}, now = NOW) => {
  const step = decide(record, facts, now);
  if (step.kind !== 'end') throw new Error(`expected an end, not ${step.kind}`);
  return step.ending;
};

describe('a deployment whose live checks passed', () => {
  test('is read back before it ends', () => {
    expect(decide(green())).toEqual({ kind: 'read' });
  });

  test('succeeds and is active where the target serves it', () => {
    expect(endingOf(green(), { reading: serves(ids.deployment) })).toEqual({
      status: 'succeeded',
      releaseState: 'active',
      active: { deploymentId: ids.deployment, url: 'https://x.test' },
      draining: false,
    });
  });

  test('fails where the target serves something else by then', () => {
    const ending = endingOf(green(), { reading: serves('dep_other') });
    expect(ending).toMatchObject({
      status: 'failed',
      releaseState: 'none',
      error: { code: 'LIVE_CHECK_FAILED', stage: 'settle' },
      active: { deploymentId: 'dep_other' },
    });
  });

  test('is switched back where somebody canceled it before the settlement', () => {
    const canceled = { ...green(), cancelRequested: { at: AT, by: 'ann' } } as Deployment;
    expect(decide(canceled, { reading: serves(ids.deployment) })).toEqual({ kind: 'restore' });
  });
});

describe('a deployment that failed before it could change anything', () => {
  test('ends without asking the target, and what is served stays the same', () => {
    expect(endingOf(redBuild())).toMatchObject({
      status: 'failed',
      error: { code: 'BUILD_FAILED', exitCode: 7 },
      releaseState: 'none',
      active: 'same',
    });
  });

  test('times out where a deadline was the reason', () => {
    const late = deploymentError({ code: 'TIMEOUT', stage: 'build', message: 'Too long.' });
    expect(endingOf({ ...redBuild(), failure: late } as Deployment).status).toBe('timeout');
  });

  test('is canceled where that was asked for before anything failed', () => {
    const { failure: _none, ...cut } = redBuild();
    const canceled = { ...cut, cancelRequested: { at: AT, by: 'ann' } } as Deployment;
    expect(endingOf(canceled)).toEqual({
      status: 'canceled',
      releaseState: 'none',
      active: 'same',
      draining: false,
    });
  });

  test('keeps its failure where somebody canceled it after that', () => {
    const canceled = { ...redBuild(), cancelRequested: { at: AT, by: 'ann' } } as Deployment;
    expect(endingOf(canceled)).toMatchObject({ status: 'failed', error: { code: 'BUILD_FAILED' } });
  });

  test('says which rule canceled it', () => {
    const { failure: _none, ...cut } = redBuild();
    const request = { at: AT, by: 'slipway', code: 'SUPERSEDED', reason: 'dep_2 took its place.' } as const;
    expect(endingOf({ ...cut, cancelRequested: request } as Deployment)).toMatchObject({
      status: 'canceled',
      error: { code: 'SUPERSEDED', stage: 'build', message: 'dep_2 took its place.' },
    });
  });

  test('is INTERNAL in the stage where it was cut off, where no stage reported anything', () => {
    const cut = aDeployment({ status: 'deploying', stage: 'release', settling });
    expect(endingOf(cut)).toMatchObject({ status: 'failed', error: { code: 'INTERNAL', stage: 'release' } });
  });
});

describe('a deployment that took too long at its target', () => {
  const late = (stage: 'build' | 'release' | 'activate') =>
    deploymentError({ code: 'TIMEOUT', stage, message: 'Too long.' });
  const timedOut = aDeployment({
    status: 'deploying',
    stage: 'release',
    settling,
    failure: late('release'),
    stages: stages({ gate: 'succeeded', build: 'succeeded', release: 'failed' }),
  });
  const stopped = { cancel: { stopped: true } };

  test('says what is served, also where it never got so far as to change it', () => {
    expect(decide(timedOut, stopped)).toEqual({ kind: 'read' });
    expect(endingOf(timedOut, { ...stopped, reading: serves(ids.previous) })).toMatchObject({
      status: 'timeout',
      releaseState: 'none',
      active: 'same',
      error: { code: 'TIMEOUT', message: `Too long. production serves ${ids.previous} now.` },
    });
  });

  test('says so where that cannot be read, and does not wait for it', () => {
    expect(endingOf(timedOut, { ...stopped, reading: { known: false } }).error?.message).toBe(
      'Too long. What production serves could not be read.',
    );
  });

  test('says that the target may go on with it, where that did not confirm that it stopped', () => {
    const facts = { cancel: { stopped: false }, reading: serves(ids.previous) };
    expect(endingOf(timedOut, facts).error?.message).toBe(
      `Too long. production serves ${ids.previous} now. The target did not confirm that it has stopped and may still go on with what it began.`,
    );
  });

  test('in the middle of its activation is switched back, and says what is served then', () => {
    const activating = redLive({ failure: late('activate'), undo: { at: AT, attempts: 1 } });
    const facts = { reading: serves(ids.previous), restore: { restored: true } };
    expect(endingOf(activating, facts)).toMatchObject({
      status: 'timeout',
      releaseState: 'rolled-back',
      error: { message: `Too long. production serves ${ids.previous} now.` },
    });
  });

  test('asks nothing of the target where it only built for too long', () => {
    const building = { ...redBuild(), failure: late('build') } as Deployment;
    expect(endingOf(building).error?.message).toBe('Too long.');
  });
});

describe('a deployment whose live checks failed', () => {
  test('is switched back to what was served before', () => {
    expect(decide(redLive())).toEqual({ kind: 'read' });
    expect(decide(redLive(), { reading: serves(ids.deployment) })).toEqual({ kind: 'restore' });
  });

  test('is rolled back once the reading shows the previous one', () => {
    const undone = redLive({ undo: { at: AT, attempts: 1 } });
    expect(endingOf(undone, { reading: serves(ids.previous), restore: { restored: true } })).toMatchObject({
      status: 'failed',
      error: { code: 'LIVE_CHECK_FAILED' },
      releaseState: 'rolled-back',
      active: { deploymentId: ids.previous },
    });
  });

  test('stays live as a failed one where it is the first', () => {
    const { previousDeploymentId: _none, ...first } = redLive();
    expect(endingOf(first as Deployment, { reading: serves(ids.deployment) })).toMatchObject({
      status: 'failed',
      releaseState: 'active',
      active: { deploymentId: ids.deployment },
    });
  });

  test('stays live where the environment does not want it switched back', () => {
    const kept = redLive({ rollbackOnFailure: false });
    expect(endingOf(kept, { reading: serves(ids.deployment) }).releaseState).toBe('active');
  });

  test('was never live where the reading shows the previous one and nothing was switched back', () => {
    expect(endingOf(redLive(), { reading: serves(ids.previous) }).releaseState).toBe('none');
  });

  test('is tried again later where the switch back did not take, and ends as live after the drain time', () => {
    const facts = { reading: serves(ids.deployment), restore: { restored: false } };
    expect(decide(redLive(), facts)).toMatchObject({ kind: 'wait', reason: 'restore' });
    expect(endingOf(redLive(), facts, NOW + DRAIN_SECONDS * 1000)).toMatchObject({
      status: 'failed',
      releaseState: 'active',
      draining: false,
    });
  });
});

describe('a release that only some of the visitors get', () => {
  const canary = (changes: Partial<Deployment> = {}) => redLive({ rollbackOnFailure: false, ...changes });
  const shared = {
    ...serves(ids.previous),
    shares: [{ deploymentId: ids.deployment, percent: 10 }],
  } as Reading;
  const late = NOW + DRAIN_SECONDS * 1000;

  test('is taken from them whatever the environment says of failures', () => {
    expect(decide(canary(), { reading: shared })).toEqual({ kind: 'restore' });
  });

  test('keeps the slot where it could not be taken from them in time', () => {
    const facts = { reading: shared, restore: { restored: false } };
    expect(decide(canary(), facts).kind).toBe('wait');
    expect(endingOf(canary(), facts, late)).toMatchObject({ status: 'timeout', draining: true });
  });

  test('is taken from them after the end too, as long as the slot is kept', () => {
    const error = deploymentError({ code: 'TIMEOUT', stage: 'settle', message: 'Too long.' });
    const drains = canary({ status: 'timeout', draining: true, error } as Partial<Deployment>);
    expect(decide(drains, { reading: shared }, late)).toEqual({ kind: 'restore' });
    expect(endingOf(drains, { reading: shared, restore: { restored: true } }, late).draining).toBe(true);
  });
});

describe('draining', () => {
  const pending = () => redLive({ calls: { a: NOW + 20_000, b: NOW + 40_000 } });

  test('a call that may still be on the wire is waited for before anything is read', () => {
    expect(decide(pending())).toEqual({ kind: 'wait', reason: 'calls', until: NOW + 40_000 });
    expect(decide(pending(), { cancel: { stopped: true } }, NOW + 40_000)).toEqual({ kind: 'read' });
  });

  test('of a cancellation asks the platform to stop while its call is still on the wire', () => {
    const canceled = { ...pending(), cancelRequested: { at: AT, by: 'ann' } } as Deployment;
    expect(decide(canceled)).toEqual({ kind: 'cancel' });
    expect(decide(canceled, { cancel: { stopped: true } })).toMatchObject({ kind: 'wait', reason: 'calls' });
  });

  test('a call that is past, and whose outcome nobody knows, may go on at the platform: it is stopped first', () => {
    expect(decide(pending(), {}, NOW + 40_000)).toEqual({ kind: 'cancel' });
    expect(decide(pending(), { cancel: { stopped: false } }, NOW + 40_000)).toMatchObject({
      kind: 'wait',
      reason: 'platform',
    });
  });

  test('a switch back that is past is not stopped: what is served says what became of it', () => {
    expect(decide(redLive({ calls: { 'restore-1': NOW - 1 } }))).toEqual({ kind: 'read' });
  });

  test('a call that outlasts the drain time ends the deployment and keeps the slot', () => {
    const stuck = redLive({ calls: { a: NOW + 2 * DRAIN_SECONDS * 1000 } });
    expect(endingOf(stuck, {}, NOW + DRAIN_SECONDS * 1000)).toMatchObject({
      status: 'timeout',
      active: 'same',
      draining: true,
      error: { code: 'TIMEOUT', stage: 'settle' },
    });
  });

  test('a release that was begun is stopped first; one that may be live is waited for', () => {
    const running = { stages: stages({ release: 'running' }) };
    const staged = aDeployment({ status: 'deploying', stage: 'release', settling, ...running });
    expect(decide(staged)).toEqual({ kind: 'cancel' });
    expect(decide(staged, { cancel: { stopped: false } }).kind).toBe('end');
    const direct = { ...staged, activating: true } as Deployment;
    expect(decide(direct, { cancel: { stopped: false } })).toMatchObject({
      kind: 'wait',
      reason: 'platform',
    });
    expect(decide(direct, { cancel: { stopped: true } })).toEqual({ kind: 'read' });
  });

  test('lasts as long as the environment says', () => {
    const { snapshot } = green();
    const patient = { ...green(), snapshot: { ...snapshot, timeouts: { drainSeconds: 1800 } } } as Deployment;
    const unread = { reading: { known: false } as const };
    expect(decide(patient, unread, NOW + DRAIN_SECONDS * 1000)).toMatchObject({ kind: 'wait' });
    expect(endingOf(patient, unread, NOW + 1800_000).draining).toBe(true);
  });

  test('a target that cannot be read is asked again, and keeps the slot after the drain time', () => {
    const unread = { reading: { known: false } as const };
    expect(decide(green(), unread)).toMatchObject({ kind: 'wait', reason: 'unreadable' });
    expect(endingOf(green(), unread, NOW + DRAIN_SECONDS * 1000)).toMatchObject({
      status: 'timeout',
      draining: true,
    });
  });

  test('a deployment that ended while draining learns what is served and keeps its ending', () => {
    const ended = {
      ...green(),
      status: 'timeout',
      draining: true,
      error: deploymentError({ code: 'TIMEOUT', stage: 'settle', message: 'Unsettled.' }),
    } as Deployment;
    expect(endingOf(ended, { reading: serves(ids.deployment) }, NOW + 9e6)).toMatchObject({
      status: 'timeout',
      releaseState: 'active',
      draining: false,
    });
  });
});

test('a settlement that is followed step by step always ends, and only a served deployment ends active', () => {
  const readings = fc.constantFrom<Reading>(serves(ids.deployment), serves(ids.previous), serves(undefined), {
    known: false,
  });
  const records = fc.record({
    activating: fc.boolean(),
    rollbackOnFailure: fc.boolean(),
    calls: fc.dictionary(
      fc.string({ minLength: 1, maxLength: 3 }),
      fc.integer({ min: AT_MS, max: NOW + 9e5 }),
    ),
    failed: fc.boolean(),
    canceled: fc.boolean(),
    activated: fc.boolean(),
    released: fc.boolean(),
    hasPrevious: fc.boolean(),
  });
  fc.assert(
    fc.property(
      records,
      fc.array(readings, { minLength: 30, maxLength: 30 }),
      fc.boolean(),
      (given, said, stops) => {
        const record = aDeployment({
          status: 'deploying',
          stage: 'activate',
          settling,
          activating: given.activating,
          rollbackOnFailure: given.rollbackOnFailure,
          calls: given.calls,
          ...(given.failed ? { failure: liveFailure } : {}),
          ...(given.canceled ? { cancelRequested: { at: AT, by: 'ann' } } : {}),
          ...(given.hasPrevious ? { previousDeploymentId: ids.previous } : {}),
          stages: stages({
            release: given.released ? 'succeeded' : 'running',
            activate: given.activated ? 'succeeded' : 'pending',
          }),
        });
        let facts: SettlementFacts = {};
        let now = NOW;
        for (let n = 0; n < 200; n += 1) {
          const step = decideSettlement(record, facts, now);
          if (step.kind === 'end') {
            const { ending } = step;
            const last = facts.reading;
            if (ending.releaseState === 'active') {
              expect(last).toMatchObject({ known: true, deploymentId: ids.deployment });
            }
            if (ending.status === 'succeeded') {
              expect(ending.releaseState).toBe('active');
              expect(given).toMatchObject({ failed: false, canceled: false, activated: true });
            }
            expect(ending.error === undefined).toBe(['succeeded', 'canceled'].includes(ending.status));
            return;
          }
          if (step.kind === 'wait') {
            expect(step.until).toBeLessThanOrEqual(drainEnd(record, now));
            now = Math.max(step.until, now + 1000);
            facts = {};
          } else if (step.kind === 'cancel') facts = { ...facts, cancel: { stopped: stops } };
          else if (step.kind === 'restore') facts = { cancel: facts.cancel, restore: { restored: true } };
          else facts = { ...facts, reading: said[n % said.length] };
        }
        throw new Error('the settlement did not end');
      },
    ),
  );
});
