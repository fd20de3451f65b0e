import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateRemaining, type PastDeployment, stageSecondsOf } from '../../../shared/domain/estimate.ts';
import type { Deployment, StageRecord } from '../../../shared/domain/records.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { AT_MS, aDeployment } from '../../support/records.ts';

const took = (build: number, changes: Partial<PastDeployment> = {}): PastDeployment => ({
  type: 'deploy',
  environment: 'production',
  strategy: 'all-at-once',
  stageSeconds: { gate: 500, build, release: 4, verify: 0, activate: 2, settle: 1 },
  ...changes,
});
const at = (seconds: number) => isoTime(AT_MS + seconds * 1000);

/** Builds since the given second. */
const building = (since: number, changes: Partial<Deployment> = {}) =>
  aDeployment({
    status: 'building',
    stage: 'build',
    stages: [
      { name: 'gate', status: 'succeeded', attempts: 1, startedAt: at(0), finishedAt: at(since) },
      { name: 'build', status: 'running', attempts: 1, startedAt: at(since) },
    ],
    ...(changes as object),
  });
const remaining = (deployment: Deployment, past: readonly PastDeployment[], seconds: number) =>
  estimateRemaining(deployment, past, AT_MS + seconds * 1000);

describe('what a deployment will still take', () => {
  test('is what is left of its stage, and the stages behind it', () => {
    expect(remaining(building(10), [took(60)], 30)).toBe(60 - 20 + 7);
  });

  test('is the median of the latest seven like it', () => {
    const past = [60, 62, 58, 61, 900, 59, 60].map((build) => took(build));
    expect(remaining(building(0), [...past, took(1), took(1), took(1)], 0)).toBe(60 + 7);
    expect(remaining(building(0), [took(50), took(60)], 0)).toBe(55 + 7);
  });

  test('is not told by other environments, strategies and kinds, nor by rows that do not say how long they took', () => {
    const others = [
      took(1, { environment: 'staging' }),
      took(1, { strategy: 'canary' }),
      took(1, { type: 'rollback' }),
      took(1, { stageSeconds: undefined }),
    ];
    expect(remaining(building(0), others, 0)).toBeUndefined();
    expect(remaining(building(0), [...others, took(60)], 0)).toBe(67);
  });

  test.each(['scheduled', 'queued', 'awaiting-approval', 'held', 'canceling', 'succeeded'] as const)(
    'is not told while it is %s',
    (status) => {
      expect(remaining(aDeployment({ status }), [took(60)], 0)).toBeUndefined();
    },
  );

  test('is at least what is left of a bake', () => {
    const rollout = { steps: [], step: 0, weight: 10, until: at(300) };
    expect(remaining(building(0, { rollout }), [took(60)], 0)).toBe(300);
  });

  test('never grows while time passes, and is never below nothing', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (build, early, later) => {
        const first = remaining(building(0), [took(build)], early) ?? -1;
        const second = remaining(building(0), [took(build)], early + later) ?? -1;
        expect(second).toBeLessThanOrEqual(first);
        expect(second).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test('a stage took from its start to its end; what was skipped or cut off says nothing', () => {
  const records: StageRecord[] = [
    { name: 'build', status: 'succeeded', attempts: 2, startedAt: at(1), finishedAt: at(3.26) },
    { name: 'verify', status: 'skipped', attempts: 0, finishedAt: at(4) },
    { name: 'activate', status: 'running', attempts: 1, startedAt: at(4) },
  ];
  expect(stageSecondsOf(records)).toEqual({ build: 2.3 });
});
