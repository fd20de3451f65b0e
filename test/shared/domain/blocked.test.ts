import { describe, expect, test } from 'vitest';
import {
  blockedVersion,
  blockVerdict,
  contentKeyOf,
  guardsOfRollback,
  liftedBy,
  MAX_BLOCKED,
  withBlocked,
} from '../../../shared/domain/blocked.ts';
import type { BlockedVersion, DeploymentSource, Pin, TriggerKind } from '../../../shared/domain/records.ts';
import { AT, aDeployment, ids } from '../../support/records.ts';

const BAD = 'bad'.padEnd(40, '0');
const OTHER = 'feed'.padEnd(40, '0');
const commit = (sha: string): DeploymentSource => ({ type: 'branch', ref: 'main', commit: { sha } });
const block = (changes: Partial<BlockedVersion> = {}): BlockedVersion => ({
  key: BAD,
  versionId: ids.version,
  versionNumber: 3,
  deploymentId: ids.deployment,
  at: AT,
  reason: 'checkout is broken',
  ...changes,
});
const pin: Pin = {
  deploymentId: ids.previous,
  at: AT,
  by: 'ann',
  reason: 'checkout is broken',
  versionNumber: 3,
};

describe('a start of', () => {
  test.each<{ what: string; source: DeploymentSource; versionNumber?: number; refused: boolean }>([
    { what: 'the blocked commit', source: commit(BAD), versionNumber: 3, refused: true },
    { what: 'the blocked commit as a new version', source: commit(BAD), versionNumber: 9, refused: true },
    { what: 'an older version while pinned', source: commit(OTHER), versionNumber: 2, refused: true },
    { what: 'a newer version', source: commit(OTHER), versionNumber: 4, refused: false },
    { what: 'a branch that nobody has looked up', source: { type: 'branch', ref: 'main' }, refused: false },
  ])(
    '$what is refused to a rule: $refused; a person may, and is warned of the same',
    ({ refused, ...start }) => {
      for (const trigger of ['webhook', 'schedule', 'automatic'] as const) {
        const verdict = blockVerdict({ pin, blocked: [block()] }, { ...start, trigger });
        expect(verdict.refused !== undefined).toBe(refused);
        expect(verdict.warning).toBeUndefined();
      }
      for (const trigger of ['api', 'manual', 'retry', 'rollback'] satisfies TriggerKind[]) {
        const verdict = blockVerdict({ pin, blocked: [block()] }, { ...start, trigger });
        expect(verdict.refused).toBeUndefined();
        expect(verdict.warning !== undefined).toBe(refused);
      }
    },
  );

  test('an uploaded version is known by its digest', () => {
    const source: DeploymentSource = { type: 'upload', ref: 'd'.repeat(64) };
    const guards = { blocked: [block({ key: 'd'.repeat(64) })] };
    expect(blockVerdict(guards, { source, versionNumber: 3, trigger: 'webhook' }).refused).toContain(
      'checkout is broken',
    );
  });

  test('anything where nothing is pinned or blocked', () => {
    expect(blockVerdict({}, { source: commit(BAD), versionNumber: 1, trigger: 'webhook' })).toEqual({});
  });
});

describe('once a deployment has succeeded', () => {
  const deploy = (sha: string, versionNumber: number, type: 'deploy' | 'rollback' = 'deploy') =>
    liftedBy({ pin, blocked: [block()] }, { type, source: commit(sha), versionNumber });

  test('a newer version lifts pin and block', () => {
    expect(deploy(OTHER, 4)).toEqual({ pin: undefined, blocked: undefined });
  });
  test('an older one lifts nothing', () => {
    expect(deploy(OTHER, 2)).toEqual({ pin, blocked: [block()] });
  });
  test('the blocked version itself is not bad any more, and overrules the pin', () => {
    expect(deploy(BAD, 3)).toEqual({ pin: undefined, blocked: undefined });
  });
  test('a rollback keeps its pin, also where it goes back to a blocked version', () => {
    expect(deploy(OTHER, 9, 'rollback')).toEqual({ pin, blocked: [block()] });
    expect(deploy(BAD, 3, 'rollback')).toEqual({ pin, blocked: undefined });
  });
});

describe('what is blocked', () => {
  test('is there once, with its newest reason', () => {
    expect(withBlocked([block()], block({ reason: 'again' }))).toEqual([block({ reason: 'again' })]);
  });
  test('is bounded, the oldest is forgotten first', () => {
    let blocked: readonly BlockedVersion[] = [];
    for (let n = 1; n <= MAX_BLOCKED + 5; n += 1) blocked = withBlocked(blocked, block({ key: `k${n}` }));
    expect(blocked).toHaveLength(MAX_BLOCKED);
    expect(blocked[0]?.key).toBe('k6');
  });
  test('is the commit of a git version, and nothing where none is known', () => {
    expect(contentKeyOf(commit(BAD))).toBe(BAD);
    expect(blockedVersion(aDeployment(), AT, 'why')).toBeUndefined();
    expect(blockedVersion(aDeployment({ source: commit(BAD) }), AT, 'why')).toEqual(
      block({ reason: 'why', versionNumber: 1 }),
    );
  });
});

describe('from the creation of a rollback on', () => {
  const rollback = {
    ofDeploymentId: 'a',
    targetDeploymentId: 'b',
    reason: 'slow',
    by: 'ann',
    at: AT,
    automatic: false,
  };
  const made = aDeployment({ type: 'rollback', rollback });
  const left = aDeployment({ id: 'a', versionNumber: 3, source: commit(BAD) });
  const target = aDeployment({ id: 'b', versionNumber: 2, source: commit(OTHER) });

  test('the environment is pinned and the version that is left is blocked', () => {
    expect(guardsOfRollback({}, made, left, target)).toEqual({
      pin: { deploymentId: ids.deployment, at: AT, by: 'ann', reason: 'slow', versionNumber: 3 },
      blocked: [block({ deploymentId: 'a', reason: 'slow' })],
    });
  });
  test('a version that is brought back with other settings is not blocked', () => {
    const same = { ...target, source: left.source };
    const { blocked, pin: set } = guardsOfRollback({}, made, left, same);
    expect(blocked).toBeUndefined();
    expect(set).toBeDefined();
  });
  test('a second one further back keeps what is newer out', () => {
    expect(guardsOfRollback({ pin }, made, target, left).pin?.versionNumber).toBe(3);
  });
});
