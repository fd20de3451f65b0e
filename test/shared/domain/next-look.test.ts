import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksAsBefore, nextLookAt, QUIET_MS, SWEEP_GRACE_MS } from '../../../shared/domain/next-look.ts';
import { failureFor, passedDeadline, stillHolds } from '../../../shared/domain/reaping.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { AT, AT_MS, aDeployment, stages } from '../../support/records.ts';

const started = { executionArn: 'arn:execution' };

describe('the moment at which the sweep looks', () => {
  test('is soon after the creation while there is no execution', () => {
    expect(nextLookAt(aDeployment())).toBe(AT_MS + SWEEP_GRACE_MS);
  });

  test('is the next deadline of those that are set', () => {
    const deadlines = { stage: AT_MS + 9000, total: AT_MS + 20_000, claim: AT_MS + 4000 };
    expect(nextLookAt(aDeployment({ ...started, deadlines }))).toBe(AT_MS + 4000);
  });

  test('comes a minute after the last change at the latest, for its execution may have ended unheard', () => {
    const deadlines = { stage: AT_MS + 900_000 };
    expect(nextLookAt(aDeployment({ ...started, deadlines }))).toBe(AT_MS + QUIET_MS);
    const waiting = { ...started, deadlines, status: 'awaiting-approval' as const };
    expect(nextLookAt(aDeployment(waiting))).toBe(AT_MS + 900_000);
  });

  test('is soon after the last change where the gate has not looked at its wake', () => {
    const woken = aDeployment({ ...started, wake: 2, seen: 1, deadlines: { stage: AT_MS + 900_000 } });
    expect(nextLookAt(woken)).toBe(AT_MS + SWEEP_GRACE_MS);
  });

  test('of a settlement is the end of the last call on the wire', () => {
    const settling = { at: AT, by: 'machine' };
    expect(nextLookAt(aDeployment({ ...started, settling }))).toBe(AT_MS + SWEEP_GRACE_MS);
    expect(nextLookAt(aDeployment({ ...started, settling, calls: { a: AT_MS + 99_000 } }))).toBe(
      AT_MS + 99_000,
    );
  });

  test('does not exist for what has ended, unless its log or its target is still open', () => {
    const ended = { status: 'succeeded' as const, ...started };
    expect(nextLookAt(aDeployment(ended))).toBeUndefined();
    expect(nextLookAt(aDeployment({ ...ended, closing: true }))).toBe(AT_MS + SWEEP_GRACE_MS);
    expect(nextLookAt(aDeployment({ ...ended, draining: true }))).toBe(AT_MS);
  });
});

describe('the place in the work index', () => {
  const waiting = { ...started, status: 'awaiting-approval' as const };
  const until = (wait: number) => aDeployment({ ...waiting, deadlines: { wait } });

  test('stays where the next look comes a little later, and moves for one that is sooner or far away', () => {
    const before = until(AT_MS + 5000);
    expect(looksAsBefore(before, until(AT_MS + 5000))).toBe(true);
    expect(looksAsBefore(before, until(AT_MS + 600_000))).toBe(true);
    expect(looksAsBefore(before, until(AT_MS + 600_001))).toBe(false);
    expect(looksAsBefore(before, until(AT_MS + 4999))).toBe(false);
    const ended = aDeployment({ status: 'succeeded', ...started });
    expect([looksAsBefore(before, ended), looksAsBefore(ended, before)]).toEqual([false, false]);
  });

  test('is never later than the next look, whatever changes came one after another', () => {
    const change = fc.record({
      afterMs: fc.integer({ min: 0, max: 900_000 }),
      waits: fc.boolean(),
      dueInMs: fc.option(fc.integer({ min: 0, max: 4_000_000 }), { nil: undefined }),
      wake: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        let now = AT_MS;
        let record = aDeployment(started);
        let place = nextLookAt(record);
        for (const { afterMs, waits, dueInMs, wake } of changes) {
          now += afterMs;
          const status = waits ? ('held' as const) : ('building' as const);
          const deadlines = dueInMs === undefined ? {} : { stage: now + dueInMs };
          const next = aDeployment({ ...started, status, deadlines, wake, updatedAt: isoTime(now) });
          if (!looksAsBefore(record, next)) place = nextLookAt(next);
          record = next;
          const look = nextLookAt(record) ?? Number.NaN;
          expect(place).toBeLessThanOrEqual(look);
        }
      }),
    );
  });
});

describe('reaping', () => {
  const at = (deadlines: Deployment['deadlines']) => aDeployment({ ...started, deadlines });

  test('names the deadline that has passed, the whole deployment first', () => {
    expect(passedDeadline(at({ stage: 10, total: 20 }), 5)).toBeUndefined();
    expect(passedDeadline(at({ stage: 10, total: 20 }), 15)).toBe('stage-deadline');
    expect(passedDeadline(at({ stage: 10, total: 20 }), 25)).toBe('total-deadline');
    expect(passedDeadline(at({ claim: 10, stage: 20 }), 15)).toBe('claim-deadline');
    expect(passedDeadline(at({ cancel: 10, stage: 10, total: 10 }), 15)).toBe('cancel-deadline');
  });

  test('a reason that no longer holds ends nobody', () => {
    expect(stillHolds(at({ stage: 10 }), 'stage-deadline', 15)).toBe(true);
    expect(stillHolds(at({ stage: 100 }), 'stage-deadline', 15)).toBe(false);
    expect(stillHolds(at({}), 'runner-lost', 15)).toBe(false);
    expect(stillHolds(at({ heartbeat: 10 }), 'runner-lost', 15)).toBe(true);
    expect(stillHolds(aDeployment({ status: 'succeeded' }), 'execution-ended', 15)).toBe(false);
  });

  test('a stage that took too long says how long it had, as its environment set it', () => {
    const verifying = aDeployment({ stage: 'verify' });
    const timeouts = { verifySeconds: 30 };
    const impatient = { ...verifying, snapshot: { ...verifying.snapshot, timeouts } } as Deployment;
    const message = (record: Deployment) => failureFor(record, 'stage-deadline')?.message;
    expect(message(verifying)).toBe('The verify stage did not end within 600 s.');
    expect(message(impatient)).toBe('The verify stage did not end within 30 s.');
    const done = aDeployment({ stage: 'verify', stages: stages({ verify: 'succeeded' }) });
    expect(message(done)).toBe('The state machine did not go on after the verify stage.');
  });

  test('after a wish to cancel, nothing that runs out is a failure', () => {
    const canceled = aDeployment({ stage: 'build', cancelRequested: { at: AT, by: 'ann' } });
    for (const reason of ['cancel', 'execution-ended', 'stage-deadline', 'runner-lost'] as const) {
      expect(failureFor(canceled, reason)).toBeUndefined();
    }
    expect(stillHolds(canceled, 'cancel', 15)).toBe(true);
    expect(stillHolds(at({}), 'cancel', 15)).toBe(false);
  });

  test('a lost runner says heartbeat, a passed deadline is a timeout', () => {
    const building = aDeployment({ stage: 'build', runner: 'laptop' });
    expect(failureFor(building, 'runner-lost')).toMatchObject({
      code: 'RUNNER_LOST',
      stage: 'build',
      message: 'Runner laptop was not heard of for 60 s (heartbeat).',
    });
    expect(failureFor(building, 'stage-deadline')?.code).toBe('TIMEOUT');
    expect(failureFor(building, 'settling')).toBeUndefined();
  });
});
