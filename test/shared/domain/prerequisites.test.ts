import { describe, expect, test } from 'vitest';
import { checkPrerequisites, type Prerequisites } from '../../../shared/domain/prerequisites.ts';
import type { Good, Health, Slot } from '../../../shared/domain/records.ts';
import { variable } from '../../support/given.ts';
import { AT, AT_MS, anEnvironment, aProject, aVersion, ids } from '../../support/records.ts';

const SHA = 'c'.repeat(40);
const slot: Slot = { projectId: ids.project, environment: 'production', fence: 0, line: 0 };
const unknown = { type: 'branch', ref: 'main' } as const;
const known = { ...unknown, commit: { sha: SHA } } as const;
const given = (changes: Partial<Prerequisites> = {}): Prerequisites => ({
  project: aProject(),
  environment: anEnvironment(),
  version: aVersion(),
  dependencies: [],
  promotions: [],
  slot,
  attempt: { source: unknown, trigger: 'api' },
  force: false,
  ...changes,
});
const upload = { type: 'upload', sha256: 'a'.repeat(64), size: 100 } as const;
const artifact = { key: 'uploads/a.zip', digest: 'a'.repeat(64), size: 100, files: 1 };
const codes = (changes: Partial<Prerequisites>) =>
  checkPrerequisites(given(changes)).issues.map(({ code }) => code);
const said = (name: string, changes: Partial<Prerequisites>) =>
  checkPrerequisites(given(changes)).validation.checks.find((check) => check.name === name)?.message;
const warned = (changes: Partial<Prerequisites>) => checkPrerequisites(given(changes)).validation.warnings;

describe('a deployment may start', () => {
  test('where everything holds; every check is listed as passed', () => {
    const { validation, issues } = checkPrerequisites(given());
    expect(issues).toEqual([]);
    expect(validation).toMatchObject({ passed: true, errors: [], warnings: [], suggestions: [] });
    expect(validation.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['project', true],
      ['version', true],
      ['artifact', true],
      ['blocked', true],
      ['source', true],
      ['secrets', true],
      ['hooks', true],
      ['variables', true],
      ['dependencies', true],
      ['promotion', true],
      ['strategy', true],
      ['health', true],
      ['active', true],
      ['freeze', true],
      ['approval', true],
    ]);
  });

  test.each(['registered', 'validated', 'deployed', 'active'] as const)(
    'of a project that is %s',
    (lifecycle) => {
      expect(codes({ project: aProject({ lifecycle }) })).toEqual([]);
    },
  );

  test('by a strategy that the target can do, and by no other', () => {
    expect(codes({ strategy: 'canary' })).toEqual([]);
    expect(codes({ strategy: 'rolling' })).toEqual(['STRATEGY_NOT_POSSIBLE']);
  });

  test('of a complete upload without a repository', () => {
    const { repository: _none, ...project } = aProject();
    expect(codes({ project, version: aVersion({ source: upload }) })).toEqual([]);
  });

  test('of a version that went wrong here by a person, who is warned, and by no rule', () => {
    const blocked = [
      {
        key: SHA,
        versionId: ids.version,
        versionNumber: 1,
        deploymentId: ids.previous,
        at: AT,
        reason: 'slow',
      },
    ];
    const words = `version #1 is blocked here since ${ids.previous} (slow)`;
    const changes = { slot: { ...slot, blocked } };
    const byPerson = checkPrerequisites(given({ ...changes, attempt: { source: known, trigger: 'api' } }));
    expect(byPerson.issues).toEqual([]);
    expect(byPerson.validation.warnings).toEqual([words]);
    expect(codes({ ...changes, attempt: { source: known, trigger: 'webhook' } })).toEqual([
      'VERSION_BLOCKED',
    ]);
    const byCommit = { type: 'commit', ref: SHA.toUpperCase() } as const;
    expect(codes({ ...changes, attempt: { source: byCommit, trigger: 'webhook' } })).toEqual([
      'VERSION_BLOCKED',
    ]);
  });

  test('over a live deployment, with a warning that names it, and by force without one', () => {
    const live = { slot: { ...slot, active: ids.previous } };
    expect(warned(live)).toEqual([`it replaces deployment ${ids.previous}`]);
    expect(warned({ ...live, force: true })).toEqual([]);
    expect(said('active', { ...live, force: true })).toBe(`it replaces deployment ${ids.previous}`);
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

  test('while a variable is missing that the project requires; the issue names all and the command', () => {
    const project = aProject({ requiredVariables: ['API_URL', 'constructor', 'REGION'] });
    const environment = anEnvironment({ variables: { REGION: variable({ value: 'eu' }) } });
    const { issues } = checkPrerequisites(given({ project, environment }));
    expect(issues).toEqual([
      {
        field: '/environment',
        code: 'VARIABLE_MISSING',
        message: 'environment production lacks API_URL, constructor, which project shop requires',
        suggestion:
          'Set what is missing: slipway vars set API_URL=<value> --project shop --env production; slipway vars set constructor=<value> --project shop --env production.',
      },
    ]);
  });

  test('for several reasons at once: each is told, and each suggestion once', () => {
    const project = aProject({ lifecycle: 'archived', requiredVariables: ['API_URL'] });
    const { issues, validation } = checkPrerequisites(given({ project }));
    expect(issues.map(({ code }) => code)).toEqual(['PROJECT_ARCHIVED', 'VARIABLE_MISSING']);
    expect(validation.passed).toBe(false);
    expect(validation.errors).toEqual(issues.map(({ message }) => message));
    expect(validation.suggestions).toEqual(issues.map(({ suggestion }) => suggestion));
  });
});

describe('an artifact that is not built anew', () => {
  const uploaded = aVersion({ source: upload });
  test.each([
    ['with its size and digest', { size: 100, sha256: artifact.digest }, []],
    ['with its size, where the bucket keeps no digest', { size: 100 }, []],
    ['no more', undefined, ['ARTIFACT_GONE']],
    ['with another size', { size: 99, sha256: artifact.digest }, ['ARTIFACT_GONE']],
    ['with another digest', { size: 100, sha256: 'f'.repeat(64) }, ['ARTIFACT_GONE']],
  ])('that is there %s', (_, stored, expected) => {
    expect(codes({ version: uploaded, artifact: { artifact, stored } })).toEqual(expected);
  });

  test.each([
    ['uploaded', uploaded, 'Upload it again as a new version, then deploy that.'],
    ['built', aVersion(), 'Deploy main instead of the version: it is built anew.'],
  ])('and was %s says how to get another', (_, version, suggestion) => {
    const { issues } = checkPrerequisites(given({ version, artifact: { artifact } }));
    expect(issues).toMatchObject([{ field: '/versionId', code: 'ARTIFACT_GONE', suggestion }]);
  });
});

describe('what a project depends on', () => {
  const project = aProject({ dependsOn: ['prj_a', 'prj_b'] });
  test.each([
    ['live', []],
    ['not-live', ['DEPENDENCY_NOT_LIVE']],
    ['no-environment', ['DEPENDENCY_NOT_LIVE']],
    ['gone', ['DEPENDENCY_NOT_LIVE']],
  ] as const)('is %s in this type of environment', (state, expected) => {
    const dependencies = [
      { id: 'prj_a', state: 'live' },
      { id: 'prj_b', state },
    ] as const;
    const { issues } = checkPrerequisites(given({ project, dependencies }));
    expect(issues.map(({ code }) => code)).toEqual(expected);
    if (state === 'live') return;
    expect(issues[0]?.message).toContain('prj_b');
    expect(issues[0]?.message).not.toContain('prj_a');
  });

  test('and lacks an environment of the type is told so', () => {
    const environment = anEnvironment({ type: 'staging' });
    const dependencies = [{ id: 'prj_b', state: 'no-environment' }] as const;
    expect(checkPrerequisites(given({ project, environment, dependencies })).issues[0]?.message).toBe(
      'it depends on prj_b, which has no environment of type staging',
    );
  });
});

describe('what is promoted', () => {
  const good: Good = {
    projectId: ids.project,
    environment: 'staging',
    key: SHA,
    deploymentId: ids.previous,
    versionId: ids.version,
    at: '2025-01-15T12:30:00.000Z',
  };
  const there = { environment: 'staging', since: AT };
  const attempt = { source: known, trigger: 'api' } as const;

  test.each([
    ['succeeded in the one before it', [{ ...there, good }], []],
    ['has not', [there], ['NOT_PROMOTED']],
    [
      'succeeded in one of two',
      [
        { ...there, good },
        { ...there, environment: 'qa' },
      ],
      ['NOT_PROMOTED'],
    ],
    [
      'succeeded in one of that name that was made anew since',
      [{ ...there, since: '2025-01-15T13:00:00.000Z', good }],
      ['NOT_PROMOTED'],
    ],
    ['is promoted from one that is gone', [{ environment: 'staging', good }], ['NOT_PROMOTED']],
  ])('and %s', (_, promotions, expected) => {
    expect(codes({ attempt, promotions })).toEqual(expected);
  });

  test('names where it has to succeed first', () => {
    const promotions = [there, { ...there, environment: 'qa' }];
    expect(checkPrerequisites(given({ attempt, promotions })).issues).toEqual([
      {
        field: '/environment',
        code: 'NOT_PROMOTED',
        message: 'main (cccccccccccc) has not succeeded in staging, qa, from where production is promoted',
        suggestion: 'Deploy it to staging, qa first.',
      },
    ]);
  });

  test('is a branch that nobody has looked up: the gate decides, unless the one before is gone', () => {
    const promotions = [there];
    expect(codes({ promotions })).toEqual([]);
    expect(said('promotion', { promotions })).toBe(
      'whether main succeeded in staging is seen once its commit is known',
    );
    expect(codes({ promotions: [{ environment: 'staging' }] })).toEqual(['NOT_PROMOTED']);
  });
});

describe('an environment whose live deployment failed its live checks', () => {
  const health: Health = {
    state: 'unhealthy',
    deploymentId: ids.previous,
    versionNumber: 4,
    key: SHA,
    at: AT,
    reason: 'the live release answers 500',
  };
  const sick = { slot: { ...slot, health } };
  const attempt = (source: Prerequisites['attempt']['source'], versionNumber?: number) => ({
    attempt: { source, versionNumber, trigger: 'api' } as const,
  });
  const other = { ...unknown, commit: { sha: 'd'.repeat(40) } } as const;
  const words = `environment production is unhealthy: ${ids.previous} (version #4) is live although it failed: the live release answers 500`;

  test.each([
    ['the same version', attempt(known, 4), ['UNHEALTHY']],
    ['an older one', attempt(other, 3), ['UNHEALTHY']],
    ['the same content under a newer number', attempt(known, 5), ['UNHEALTHY']],
    ['a newer one with another content', attempt(other, 5), []],
    ['a newer one whose content is not known yet', attempt(unknown, 5), []],
    ['a version that is only being made', attempt(unknown), []],
  ])('takes %s', (_, changes, expected) => {
    expect(codes({ ...sick, ...changes })).toEqual(expected);
  });

  test('warns of what may be the cure, and of what is started by force', () => {
    expect(warned({ ...sick, ...attempt(other, 5) })).toEqual([`${words}; a newer version may be the cure`]);
    expect(warned({ ...sick, ...attempt(known, 4), force: true })).toEqual([`${words}; started by force`]);
  });

  test('says what to do', () => {
    expect(checkPrerequisites(given({ ...sick, ...attempt(known, 4) })).issues).toEqual([
      {
        field: '/environment',
        code: 'UNHEALTHY',
        message: words,
        suggestion: `Deploy a newer version, roll back (slipway rollback ${ids.previous}), or start it with force.`,
      },
    ]);
  });

  test('is healthy again once something passed its checks', () => {
    const well = { slot: { ...slot, health: { ...health, state: 'healthy' as const } } };
    expect(codes({ ...well, ...attempt(known, 4) })).toEqual([]);
  });
});

test.each([
  ['an archived project', { project: aProject({ lifecycle: 'archived' }) }],
  ['a version that is not usable', { version: aVersion({ source: upload, state: 'unusable' }) }],
  ['an artifact that is gone', { artifact: { artifact } }],
  ['a missing variable', { project: aProject({ requiredVariables: ['A'] }) }],
  ['a dependency that is not live', { dependencies: [{ id: 'prj_a', state: 'not-live' }] }],
  ['an order of promotion', { promotions: [{ environment: 'staging' }] }],
  ['a strategy that the target cannot do', { strategy: 'rolling' }],
] as const satisfies readonly (readonly [string, Partial<Prerequisites>])[])(
  'force does not lead past %s',
  (_, changes) => {
    expect(codes({ ...changes, force: true })).toHaveLength(1);
  },
);

describe('what only holds a deployment', () => {
  test('a freeze is said, with its end and its reason', () => {
    const freeze = { id: 'frz_1', scope: {}, from: AT, to: AT, timezone: 'UTC', reason: 'the sale' };
    const hold = { freeze: { ...freeze, createdAt: AT, createdBy: 'ann' }, until: AT_MS };
    expect(codes({ hold })).toEqual([]);
    expect(said('freeze', { hold })).toBe(`held by a freeze until ${AT}: the sale`);
  });

  test.each([
    [1, undefined, '1 approval is needed'],
    [2, undefined, '2 approvals are needed'],
    [2, ['ops', 'qa'], '2 approvals of ops, qa are needed'],
  ])('%d approvals of %j are said', (required, groups, words) => {
    const approvals = { required, groups, allowSelf: false, expiresInSeconds: 60 };
    expect(said('approval', { environment: anEnvironment({ approvals }) })).toBe(words);
  });

  test('approvals that were given are counted', () => {
    const approvals = { required: 2, allowSelf: false, expiresInSeconds: 60 };
    const vote = { by: 'bob', at: AT, voter: { tokenId: 'tok_1', grants: [], groups: [] } };
    const approval = { ...approvals, digest: 'd', requestedAt: AT, expiresAt: AT, given: [vote, vote] };
    expect(said('approval', { environment: anEnvironment({ approvals }), approval })).toBe(
      '2 of 2 approvals were given',
    );
  });
});
