import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  guardsAfter,
  healthAfter,
  leftBy,
  previousGoodAfter,
  switchedBack,
  wentWrong,
} from '../../../shared/domain/after-ending.ts';
import { guardsOfRollback } from '../../../shared/domain/blocked.ts';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Deployment, Slot } from '../../../shared/domain/records.ts';
import { isPassedOver } from '../../../shared/domain/rollback.ts';
import { AT, aDeployment, ids } from '../../support/records.ts';

type Changes = Parameters<typeof aDeployment>[0];

const slot: Slot = { projectId: ids.project, environment: 'production', fence: 1, line: 1 };
const sha = (version: number) => `${version}`.padStart(40, '0');

/** What keeps people from putting version 2 or 3 live by accident. */
const guards = {
  pin: { deploymentId: 'dep_pin', at: AT, by: 'ann', reason: 'broken', versionNumber: 3 },
  blocked: [
    { key: sha(3), versionId: 'ver_3', versionNumber: 3, deploymentId: 'dep_3', at: AT, reason: 'broken' },
  ],
} as const;
const guarded: Slot = { ...slot, ...guards };

/** A history of one environment, kept by the rules alone: what a slot and its records say after each end. */
class History {
  slot: Slot = slot;
  readonly records = new Map<string, Deployment>();
  readonly left = new Set<string>();
  #count = 0;

  deploy(version: number, well: boolean): void {
    this.#end(this.#made(version), well);
  }

  rollback(target: Deployment, well: boolean): void {
    const { active } = this.slot;
    const left = this.#record(active);
    if (active === undefined || left === undefined) return;
    const made = this.#made(target.versionNumber);
    const of = { ofDeploymentId: active, targetDeploymentId: target.id };
    const rollback = { ...of, reason: 'broken', by: 'ann', at: AT, automatic: false };
    const created: Deployment = { ...made, type: 'rollback', rollback, previousGood: target.previousGood };
    this.slot = { ...this.slot, ...guardsOfRollback(this.slot, created, left, target) };
    this.#end(created, well);
  }

  /** As the service looks for it: the first behind what is live that is not passed over. */
  target(): Deployment | undefined {
    let candidate = this.#record(this.slot.previousGood);
    while (candidate !== undefined && isPassedOver(candidate, this.slot)) {
      candidate = this.#record(candidate.previousGood);
    }
    return candidate;
  }

  #record = (id: string | undefined) => (id === undefined ? undefined : this.records.get(id));

  #made(version: number): Deployment {
    this.#count += 1;
    const source = { type: 'branch', ref: 'main', commit: { sha: sha(version) } } as const;
    return aDeployment({ id: `dep_${this.#count}`, versionNumber: version, source });
  }

  #end(made: Deployment, well: boolean): void {
    const before = this.slot;
    const undone = !well && before.active !== undefined;
    // A first deployment has nothing to go back to and stays live as a failed one.
    const active = undone ? before.active : made.id;
    const told = {
      ...made,
      status: well ? 'succeeded' : 'failed',
      releaseState: undone ? 'rolled-back' : 'active',
    } as Deployment;
    const replaced = this.#record(before.active);
    const around = {
      slot: before,
      ended: told,
      active,
      replaced,
      back: undone ? replaced : undefined,
    };
    const previousGood = previousGoodAfter(around);
    this.records.set(told.id, undone ? told : { ...told, previousGood });
    if (!undone && replaced !== undefined) {
      const releaseState = told.type === 'rollback' ? 'rolled-back' : 'inactive';
      if (told.type === 'rollback') this.left.add(replaced.id);
      this.records.set(replaced.id, { ...replaced, releaseState });
    }
    this.slot = { ...before, active, previousGood, ...guardsAfter(around, AT) };
  }
}

describe('over random histories of deployments, failures and rollbacks', () => {
  const version = fc.integer({ min: 1, max: 6 });
  const step = fc.oneof(
    fc.record({ does: fc.constant('deploy' as const), version, well: fc.boolean() }),
    fc.record({ does: fc.constant('back' as const), well: fc.boolean() }),
    fc.record({ does: fc.constant('back-to-any' as const), pick: fc.nat(20), well: fc.boolean() }),
  );
  const run = (history: History, one: typeof step extends fc.Arbitrary<infer T> ? T : never) => {
    if (one.does === 'deploy') return history.deploy(one.version, one.well);
    const succeeded = [...history.records.values()].filter(
      ({ id, status }) => status === 'succeeded' && id !== history.slot.active,
    );
    const target = one.does === 'back' ? history.target() : succeeded[one.pick % (succeeded.length || 1)];
    if (target !== undefined) history.rollback(target, one.well);
  };

  test('the default target was live, succeeded, is not live now, was never left and is not blocked', () => {
    let reached = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
        const history = new History();
        for (const one of steps) {
          run(history, one);
          const target = history.target();
          if (target === undefined) continue;
          reached += 1;
          expect(target.status).toBe('succeeded');
          expect(target.id).not.toBe(history.slot.active);
          expect(history.left.has(target.id)).toBe(false);
          const keys = history.slot.blocked?.map(({ key }) => key) ?? [];
          expect(keys).not.toContain(target.source.commit?.sha);
        }
      }),
      { numRuns: 1000 },
    );
    expect(reached).toBeGreaterThan(1000);
  });

  test('rollback after rollback goes further back each time and comes to an end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const history = new History();
        for (const one of steps) run(history, one);
        const gone: number[] = [];
        for (let target = history.target(); target !== undefined; target = history.target()) {
          gone.push(Number(target.id.slice(4)));
          history.rollback(target, true);
          expect(gone.length).toBeLessThan(50);
        }
        expect(gone).toEqual([...gone].sort((a, b) => b - a));
        expect(new Set(gone).size).toBe(gone.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('when a deployment was switched back', () => {
  const error = deploymentError({ code: 'LIVE_CHECK_FAILED', stage: 'activate', message: 'It answers 500.' });
  const source = { type: 'branch', ref: 'main', commit: { sha: sha(2) } } as const;
  const ended = {
    ...aDeployment({ status: 'failed', releaseState: 'rolled-back', source }),
    error,
  } as Deployment;
  const back = aDeployment({ id: ids.previous, source: { ...source, commit: { sha: sha(1) } } });

  test('its version is blocked with the reason, and the record says who left it and why', () => {
    const { blocked, pin } = guardsAfter({ slot, ended, active: back.id, back }, AT);
    expect(blocked).toMatchObject([{ key: sha(2), deploymentId: ended.id, reason: 'It answers 500.' }]);
    expect(pin).toBeUndefined();
    expect(switchedBack(ended, AT)).toEqual({
      at: AT,
      by: 'slipway',
      reason: 'It answers 500.',
      deploymentId: ended.id,
    });
  });

  test('to the same version with other settings, then it is not the version that went wrong', () => {
    const same = { ...back, source };
    expect(guardsAfter({ slot, ended, active: same.id, back: same }, AT).blocked).toBeUndefined();
  });

  test('by a person who canceled it, then it is that person who left it', () => {
    const cancelRequested = { at: AT, by: 'bob', reason: 'wrong day' };
    const canceled = aDeployment({
      status: 'canceled',
      releaseState: 'rolled-back',
      source,
      cancelRequested,
    });
    expect(switchedBack(canceled, AT)).toMatchObject({ by: 'bob', reason: 'wrong day' });
  });

  test('by a rule that canceled it, then it is the service that left it, for the reason of the rule', () => {
    const cancelRequested = { at: AT, by: 'bob', reason: 'late', code: 'EXPIRED' } as const;
    const expired = deploymentError({ code: 'EXPIRED', stage: 'gate', message: 'Nobody approved it.' });
    const canceled = { ...ended, status: 'canceled', cancelRequested, error: expired } as Deployment;
    expect(switchedBack(canceled, AT)).toMatchObject({ by: 'slipway', reason: 'Nobody approved it.' });
  });

  test('and nobody said why, then the reason is how it ended', () => {
    const silent = aDeployment({ status: 'canceled', releaseState: 'rolled-back', source });
    const reason = 'it ended as canceled';
    expect(switchedBack(silent, AT)).toMatchObject({ by: 'slipway', reason });
    const wished = { ...silent, cancelRequested: { at: AT, by: 'bob' } } as Deployment;
    expect(switchedBack(wished, AT)).toMatchObject({ by: 'bob', reason });
  });

  test('to something that is no record of ours, then its version went wrong', () => {
    expect(wentWrong(ended, undefined)).toBe(true);
    expect(guardsAfter({ slot, ended, active: 'dep_foreign' }, AT).blocked).toMatchObject([{ key: sha(2) }]);
  });

  test('one that was never live blocks nothing, and what was pinned and blocked stays so', () => {
    const never = { ...ended, releaseState: 'none' } as Deployment;
    expect(guardsAfter({ slot, ended: never, active: back.id }, AT).blocked).toBeUndefined();
    expect(guardsAfter({ slot: guarded, ended: never, active: back.id }, AT)).toEqual(guards);
    expect(guardsAfter({ slot: guarded, ended, active: back.id, back }, AT)).toMatchObject({
      pin: guards.pin,
      blocked: [...guards.blocked, { key: sha(2) }],
    });
  });
});

describe('pin and blocks', () => {
  const live = (changes: Changes) => aDeployment({ releaseState: 'active', versionNumber: 5, ...changes });

  test('are lifted by the success of a newer version that is live', () => {
    const ended = live({ status: 'succeeded' });
    expect(guardsAfter({ slot: guarded, ended, active: ended.id }, AT)).toEqual({});
  });

  test.each([
    ['failed and is live all the same', live({ status: 'failed' }), ids.deployment],
    ['succeeded, and something else is live by now', live({ status: 'succeeded' }), ids.previous],
  ])('stay as they are where a newer version %s', (_fact, ended, active) => {
    expect(guardsAfter({ slot: guarded, ended, active }, AT)).toEqual(guards);
  });
});

describe('how what is served is', () => {
  const source = { type: 'branch', ref: 'main', commit: { sha: sha(5) } } as const;
  const live = (changes: Changes) =>
    aDeployment({ releaseState: 'active', versionNumber: 5, source, updatedAt: 'then', ...changes });
  const failing = (code: 'LIVE_CHECK_FAILED' | 'HOOK_FAILED', status: 'failed' | 'timeout' = 'failed') =>
    ({
      ...live({ status }),
      error: deploymentError({ code, stage: 'activate', message: 'It answers 500.' }),
    }) as Deployment;
  const seen = { deploymentId: ids.deployment, versionNumber: 5, key: sha(5), at: 'then' };
  const known = (deploymentId: string) =>
    ({ state: 'unhealthy', deploymentId, versionNumber: 4, key: sha(4), at: AT, reason: 'slow' }) as const;
  const healthOf = (ended: Deployment, active: string | undefined, health?: Slot['health']) =>
    healthAfter({ slot: { ...slot, health }, ended, active });

  test('is well after a success', () => {
    expect(healthOf(live({ status: 'succeeded' }), ids.deployment, known(ids.previous))).toEqual({
      ...seen,
      state: 'healthy',
    });
  });

  test('is not well where the live checks failed and it stayed live all the same, and says why', () => {
    expect(healthOf(failing('LIVE_CHECK_FAILED'), ids.deployment)).toEqual({
      ...seen,
      state: 'unhealthy',
      reason: 'It answers 500.',
    });
  });

  test.each([
    ['failed for another reason', failing('HOOK_FAILED')],
    ['timed out', failing('LIVE_CHECK_FAILED', 'timeout')],
    ['was canceled and could not be switched back', live({ status: 'canceled' })],
  ])('is what was seen of it before, if anything was, where it %s', (_fact, ended) => {
    expect(healthOf(ended, ids.deployment, known(ids.previous))).toBeUndefined();
    expect(healthOf(ended, ids.deployment, known(ids.deployment))).toEqual(known(ids.deployment));
    expect(healthOf(ended, ids.deployment)).toBeUndefined();
  });

  test('is as it was seen where something else is served, and unknown where nothing was seen of that', () => {
    const ended = live({ status: 'succeeded' });
    expect(healthOf(ended, ids.previous, known(ids.previous))).toEqual(known(ids.previous));
    expect(healthOf(ended, 'dep_other', known(ids.previous))).toBeUndefined();
    expect(healthOf(ended, ids.previous)).toBeUndefined();
    expect(healthOf(ended, undefined, known(ids.previous))).toBeUndefined();
  });
});

describe('what a rollback goes back to from now on', () => {
  const before = { ...slot, previousGood: 'dep_good' };
  const succeeded = aDeployment({ id: ids.previous, status: 'succeeded' });

  test.each<[string, string | undefined, string | undefined, Changes, Deployment | undefined]>([
    ['is the one that was replaced, where that succeeded', ids.previous, ids.deployment, {}, succeeded],
    [
      'is as before where the replaced one had failed',
      'dep_good',
      ids.deployment,
      {},
      aDeployment({ id: ids.previous, status: 'failed' }),
    ],
    ['is as before where nothing was replaced', 'dep_good', ids.deployment, {}, undefined],
    ['is as before where it did not go live', 'dep_good', ids.previous, {}, succeeded],
    [
      'is what was behind the restored one, after a rollback',
      'dep_behind',
      ids.deployment,
      { type: 'rollback', previousGood: 'dep_behind' },
      succeeded,
    ],
    [
      'is as before where a rollback did not go live',
      'dep_good',
      ids.previous,
      { type: 'rollback', previousGood: 'dep_behind' },
      undefined,
    ],
  ])('%s', (_fact, expected, active, changes, replaced) => {
    const ended = aDeployment({ status: 'failed', ...changes });
    expect(previousGoodAfter({ slot: before, ended, active, replaced })).toBe(expected);
  });
});

test('what a rollback left says when, by whom, why and for which deployment', () => {
  const rollback = {
    ofDeploymentId: 'a',
    targetDeploymentId: 'b',
    reason: 'slow',
    by: 'ann',
    at: AT,
    automatic: false,
  };
  expect(leftBy(aDeployment({ type: 'rollback', rollback }), AT)).toEqual({
    at: AT,
    by: 'ann',
    reason: 'slow',
    deploymentId: ids.deployment,
  });
  expect(leftBy(aDeployment(), AT)).toBeUndefined();
});
