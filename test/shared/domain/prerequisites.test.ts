import { describe, expect, test } from 'vitest';
import { checkPrerequisites, type Prerequisites } from '../../../shared/domain/prerequisites.ts';
import { AT, anEnvironment, aProject, aVersion, ids } from '../../support/records.ts';

const given = (changes: Partial<Prerequisites> = {}): Prerequisites => ({
  project: aProject(),
  environment: anEnvironment(),
  version: aVersion(),
  dependencies: [],
  slot: { projectId: ids.project, environment: 'production', fence: 0, line: 0 },
  attempt: { source: { type: 'branch', ref: 'main' }, trigger: 'api' },
  ...changes,
});
const upload = { type: 'upload', sha256: 'a'.repeat(64), size: 100 } as const;
const codes = (changes: Partial<Prerequisites>) =>
  checkPrerequisites(given(changes)).issues.map(({ code }) => code);

describe('a deployment may start', () => {
  test('where everything holds; every check is listed as passed', () => {
    const { validation, issues } = checkPrerequisites(given());
    expect(issues).toEqual([]);
    expect(validation.passed).toBe(true);
    expect(validation.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['project', true],
      ['version', true],
      ['blocked', true],
      ['source', true],
      ['secrets', true],
      ['hooks', true],
      ['dependencies', true],
      ['strategy', true],
    ]);
  });

  test('by a strategy that the target can do, and by no other', () => {
    expect(codes({ strategy: 'canary' })).toEqual([]);
    expect(codes({ strategy: 'rolling' })).toEqual(['STRATEGY_NOT_POSSIBLE']);
  });

  test('of a complete upload without a repository', () => {
    const { repository: _none, ...project } = aProject();
    expect(codes({ project, version: aVersion({ source: upload }) })).toEqual([]);
  });

  test('of a version that went wrong here by a person, who is warned, and by no rule', () => {
    const key = 'c'.repeat(40);
    const blocked = [
      { key, versionId: ids.version, versionNumber: 1, deploymentId: ids.previous, at: AT, reason: 'slow' },
    ];
    const slot = { ...given().slot, blocked };
    const source = { type: 'branch', ref: 'main', commit: { sha: key } } as const;
    const words = `version #1 is blocked here since ${ids.previous} (slow)`;
    const byPerson = checkPrerequisites(given({ slot, attempt: { source, trigger: 'api' } }));
    expect(byPerson.issues).toEqual([]);
    expect(byPerson.validation.warnings).toEqual([words]);
    expect(codes({ slot, attempt: { source, trigger: 'webhook' } })).toEqual(['VERSION_BLOCKED']);
  });

  test('over a live deployment, with a warning that names it', () => {
    const slot = { ...given().slot, active: ids.previous };
    expect(checkPrerequisites(given({ slot })).validation.warnings).toEqual([
      `it replaces deployment ${ids.previous}`,
    ]);
  });
});

describe('a deployment may not start', () => {
  test('of an archived project', () => {
    expect(codes({ project: aProject({ lifecycle: 'archived' }) })).toEqual(['PROJECT_ARCHIVED']);
  });
  test('of an upload that is not complete, or was refused', () => {
    expect(codes({ version: aVersion({ source: upload, state: 'pending' }) })).toEqual(['VERSION_PENDING']);
    expect(codes({ version: aVersion({ source: upload, state: 'unusable' }) })).toEqual(['VERSION_UNUSABLE']);
  });
  test('of a git version where the project has no repository', () => {
    const { repository: _none, ...project } = aProject();
    expect(codes({ project })).toEqual(['NO_REPOSITORY']);
  });
  test('while the environment lacks a secret that the project names', () => {
    const project = aProject({
      repository: { url: 'https://git.example.org/shop.git', credential: 'GIT_TOKEN' },
      target: { kind: 'custom', url: 'https://deploy.example.org', secret: 'SIGNING' },
    });
    const set = { revision: 1, use: 'runtime', updatedAt: '', updatedBy: '' } as const;
    const plain = {
      GIT_TOKEN: { ...set, sensitive: false, value: 'seen' },
      SIGNING: { ...set, sensitive: true },
    };
    const { issues } = checkPrerequisites(
      given({ project, environment: anEnvironment({ variables: plain }) }),
    );
    expect(issues).toMatchObject([{ code: 'NO_SECRET', field: '/environment' }]);
    expect(issues[0]?.message).toContain('GIT_TOKEN');
    const variables = { ...plain, GIT_TOKEN: { ...set, sensitive: true } };
    expect(codes({ project, environment: anEnvironment({ variables }) })).toEqual([]);
  });
  test('while a project it depends on is not live', () => {
    const project = aProject({ dependsOn: ['prj_a', 'prj_b'] });
    const dependencies = [aProject({ id: 'prj_a', online: true }), aProject({ id: 'prj_b', online: false })];
    const { issues } = checkPrerequisites(given({ project, dependencies }));
    expect(issues).toMatchObject([{ code: 'DEPENDENCY_NOT_LIVE' }]);
    expect(issues[0]?.message).toContain('prj_b');
    expect(issues[0]?.message).not.toContain('prj_a');
  });
});
