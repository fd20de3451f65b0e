import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isPassedOver, type RollbackFacts, whyNoRollback } from '../../../shared/domain/rollback.ts';
import { AT, aDeployment, aProject, ids } from '../../support/records.ts';

const artifact = { key: 'artifacts/x.zip', digest: 'b'.repeat(64), size: 1, files: 1 };
const live = aDeployment({ status: 'succeeded', releaseState: 'active', artifact });
const earlier = aDeployment({ id: ids.previous, status: 'succeeded', releaseState: 'inactive', artifact });

const facts = (changes: Partial<RollbackFacts> = {}): RollbackFacts => ({
  project: aProject(),
  slot: { active: live.id },
  left: live,
  target: earlier,
  artifactThere: true,
  force: false,
  ...changes,
});

test('from what is live to an earlier one that succeeded it can be', () => {
  expect(whyNoRollback(facts())).toBeUndefined();
});

test('also from one that failed and is live all the same, and to one that was left once', () => {
  const failed = aDeployment({ status: 'failed', releaseState: 'active' });
  expect(whyNoRollback(facts({ left: failed }))).toBeUndefined();
  expect(whyNoRollback(facts({ target: { ...earlier, releaseState: 'rolled-back' } }))).toBeUndefined();
});

test.each<{ fact: string; changes: Partial<RollbackFacts>; code: string; suggestion: RegExp }>([
  {
    fact: 'while another rollback is open, whose id is named',
    changes: { open: ids.previous },
    code: 'ROLLBACK_OPEN',
    suggestion: new RegExp(ids.previous),
  },
  {
    fact: 'from one that is not live',
    changes: { slot: { active: ids.version } },
    code: 'NOT_LIVE',
    suggestion: new RegExp(`Roll back ${ids.version}`),
  },
  {
    fact: 'from one that runs still',
    changes: { left: aDeployment(), force: true },
    code: 'NOT_ENDED',
    suggestion: /Cancel it/,
  },
  {
    fact: 'where there is nothing earlier',
    changes: { target: undefined },
    code: 'NOTHING_EARLIER',
    suggestion: /Deploy a version/,
  },
  {
    fact: 'to a failed one',
    changes: { target: { ...earlier, status: 'failed' } as Deployment },
    code: 'NOT_SUCCEEDED',
    suggestion: /another one/,
  },
  { fact: 'to what is live', changes: { target: live }, code: 'ALREADY_LIVE', suggestion: /earlier/ },
  {
    fact: 'to one whose artifact is gone',
    changes: { artifactThere: false },
    code: 'ARTIFACT_GONE',
    suggestion: /another one/,
  },
  {
    fact: 'to one that has no artifact on record',
    changes: { target: { ...earlier, artifact: undefined } },
    code: 'ARTIFACT_GONE',
    suggestion: /another one/,
  },
  {
    fact: 'to one that was released to another kind of target',
    changes: { project: aProject({ target: { kind: 'custom', url: 'https://x.test', secret: 'S' } }) },
    code: 'TARGET_CHANGED',
    suggestion: /another one/,
  },
  {
    fact: 'of an archived project',
    changes: { project: aProject({ lifecycle: 'archived' }) },
    code: 'PROJECT_ARCHIVED',
    suggestion: /archive/,
  },
])('it cannot be $fact', ({ changes, code, suggestion }) => {
  const refused = whyNoRollback(facts(changes));
  expect(refused?.issues.map((issue) => issue.code)).toEqual([code]);
  expect(refused?.suggestion).toMatch(suggestion);
});

test('every reason is said, the gravest first', () => {
  const refused = whyNoRollback(
    facts({ open: ids.previous, artifactThere: false, slot: { active: ids.version } }),
  );
  expect(refused?.issues.map(({ code }) => code)).toEqual(['ROLLBACK_OPEN', 'NOT_LIVE', 'ARTIFACT_GONE']);
});

test('with force a person may leave what the record does not take for live', () => {
  expect(whyNoRollback(facts({ slot: {}, force: true }))).toBeUndefined();
});

describe('where nobody names a target, passed over is', () => {
  const key = 'c'.repeat(40);
  const good = { ...earlier, source: { type: 'branch', ref: 'main', commit: { sha: key } } } as const;
  const block = { key, versionId: 'v', versionNumber: 1, deploymentId: 'd', at: AT, reason: 'r' };

  test.each<{
    what: string;
    candidate: Deployment;
    slot: Parameters<typeof isPassedOver>[1];
    passed: boolean;
  }>([
    {
      what: 'not one that was live and succeeded',
      candidate: good,
      slot: { active: live.id },
      passed: false,
    },
    { what: 'what is live', candidate: good, slot: { active: good.id }, passed: true },
    {
      what: 'one that failed',
      candidate: { ...good, status: 'failed' } as Deployment,
      slot: {},
      passed: true,
    },
    {
      what: 'one that was left',
      candidate: { ...good, releaseState: 'rolled-back' },
      slot: {},
      passed: true,
    },
    {
      what: 'one of a version that went wrong later',
      candidate: good,
      slot: { blocked: [block] },
      passed: true,
    },
  ])('$what', ({ candidate, slot, passed }) => {
    expect(isPassedOver(candidate, slot)).toBe(passed);
  });
});
