import { describe, expect, test } from 'vitest';
import {
  closedRuns,
  commandsUpTo,
  type HookRun,
  pendingRuns,
  runBegun,
  runEnded,
} from '../../../shared/domain/hook-runs.ts';
import {
  commandSeconds,
  faultsOfHooks,
  type Hook,
  type Hooks,
  hookSeconds,
  hooksOfRollback,
  mergedHooks,
  preCalls,
  preCommands,
} from '../../../shared/domain/hooks.ts';
import { newRollback } from '../../../shared/domain/new-rollback.ts';
import { checkPrerequisites } from '../../../shared/domain/prerequisites.ts';
import { decideSettlement } from '../../../shared/domain/settlement.ts';
import { AT, AT_MS, aDeployment, anEnvironment, aProject, aVersion, ids } from '../../support/records.ts';

const command = (name: string, timeoutSeconds?: number) =>
  ({
    type: 'command',
    name,
    command: 'true',
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  }) as const;
const http = (name: string, more: object = {}) =>
  ({ type: 'http', name, url: 'https://example.com/', ...more }) as const;
const hooks = (given: Partial<Hooks>): Hooks => ({ pre: [], post: [], onPostFailure: 'fail', ...given });
const names = (list: readonly Hook[] = []) => list.map(({ name }) => name);

describe('the hooks of a deployment', () => {
  test('are those of its environment, then those of its request, under the rule of its environment', () => {
    const merged = mergedHooks(hooks({ pre: [command('a')], post: [http('b')], onPostFailure: 'warn' }), {
      pre: [http('c')],
      post: [command('d')],
    });
    expect(names(merged?.pre)).toEqual(['a', 'c']);
    expect(names(merged?.post)).toEqual(['b', 'd']);
    expect(merged?.onPostFailure).toBe('warn');
    expect(mergedHooks(undefined, { post: [http('b')] })?.onPostFailure).toBe('fail');
    expect(mergedHooks(undefined)).toBeUndefined();
    expect(mergedHooks(hooks({}))).toBeUndefined();
  });

  test('have the time that was given, or that of their type; a job has time to fetch the artifact besides', () => {
    expect(hookSeconds(http('a'))).toBe(10);
    expect(hookSeconds(command('a'))).toBe(300);
    expect(commandSeconds([command('a', 5), command('b', 7)])).toBe(312);
    expect(commandSeconds([])).toBe(0);
  });

  test('before anything is changed are commands in the build and calls in the release', () => {
    const snapshot = { hooks: hooks({ pre: [command('a'), http('b'), command('c')] }) };
    expect(names(preCommands(snapshot))).toEqual(['a', 'c']);
    expect(names(preCalls(snapshot))).toEqual(['b']);
    expect(preCommands({})).toEqual([]);
  });

  test('of a request may not have a name that is taken, nor be too many', () => {
    const own = hooks({ post: [http('b')] });
    expect(faultsOfHooks(own, { pre: [http('b')], post: [http('c')] })).toEqual([]);
    expect(faultsOfHooks(own, { post: [http('a'), http('b')] })).toMatchObject([
      { field: '/hooks/post/1/name', code: 'HOOK_NAME_TAKEN' },
    ]);
    const nine = Array.from({ length: 9 }, (_, i) => command(`n${i}`));
    expect(faultsOfHooks(hooks({ pre: nine }), { pre: [http('a'), http('b')] })).toMatchObject([
      { field: '/hooks/pre', code: 'TOO_MANY_HOOKS' },
    ]);
  });

  test('are looked at before the start and when the gate passes', () => {
    const environment = anEnvironment({ hooks: hooks({ post: [http('b', { secret: 'KEY' })] }) });
    const given = {
      project: aProject(),
      environment,
      version: aVersion(),
      dependencies: [],
      promotions: [],
      force: false,
      slot: { projectId: ids.project, environment: 'production', fence: 0, line: 0 },
      attempt: { source: { type: 'branch', ref: 'main' }, trigger: 'api' },
    } as const;
    expect(checkPrerequisites(given).issues).toMatchObject([{ code: 'NO_SECRET' }]);
    expect(checkPrerequisites({ ...given, hooks: { post: [http('b')] } }).issues).toMatchObject([
      { code: 'NO_SECRET' },
      { code: 'HOOK_NAME_TAKEN' },
    ]);
  });
});

describe('the hooks of a rollback', () => {
  test('are the post hooks that are for rollbacks, and a failing one only warns', () => {
    const own = hooks({ pre: [http('a')], post: [http('b', { onRollback: true }), http('c')] });
    expect(hooksOfRollback(own)).toEqual({
      pre: [],
      post: [http('b', { onRollback: true })],
      onPostFailure: 'warn',
    });
    expect(hooksOfRollback(hooks({ post: [http('c')] }))).toBeUndefined();
    expect(hooksOfRollback(undefined)).toBeUndefined();
  });

  test('are today’s, with the secrets that sign them, whatever was there when the version was live', () => {
    const ref = { sensitive: true, use: 'runtime', updatedAt: AT, updatedBy: 'ann' } as const;
    const target = aDeployment({ status: 'succeeded' });
    const { snapshot } = newRollback({
      id: ids.deployment,
      createdAt: AT,
      actor: { subject: 'ann' },
      reason: 'broken',
      automatic: false,
      force: false,
      left: aDeployment(),
      target: {
        ...target,
        snapshot: {
          ...target.snapshot,
          hooks: hooks({ post: [http('then', { onRollback: true })] }),
          variables: { OTHER: { ...ref, revision: 1 }, KEY: { ...ref, revision: 2 } },
        },
      },
      project: aProject(),
      environment: anEnvironment({
        hooks: hooks({ post: [http('today', { onRollback: true, secret: 'KEY' })] }),
        variables: { OTHER: { ...ref, revision: 8 }, KEY: { ...ref, revision: 9 } },
      }),
      validation: { passed: true, checks: [], errors: [], warnings: [] },
      fence: 1,
    });
    expect(names(snapshot.hooks?.post)).toEqual(['today']);
    expect(snapshot.variables['KEY']?.revision).toBe(9);
    expect(snapshot.variables['OTHER']?.revision).toBe(1);
  });
});

describe('the runs of hooks', () => {
  const runs =
    pendingRuns(hooks({ pre: [command('a'), http('b'), command('c')], post: [command('d')] })) ?? [];
  const shown = (list: readonly HookRun[] | undefined) =>
    list?.map(({ name, status }) => `${name} ${status}`);

  test('begin as pending, and are none where there is no hook', () => {
    expect(shown(runs)).toEqual(['a pending', 'b pending', 'c pending', 'd pending']);
    expect(pendingRuns(undefined)).toBeUndefined();
  });

  test('begin once and end once', () => {
    const begun = runBegun({ hooks: runs }, 'post', 'd', AT);
    expect(runBegun({ hooks: begun }, 'post', 'd', AT)).toBeUndefined();
    const ended = runEnded(
      { hooks: begun },
      'post',
      'd',
      { status: 'failed', exitCode: 2, message: 'a\nb' },
      AT,
    );
    expect(ended?.[3]).toEqual({
      phase: 'post',
      name: 'd',
      type: 'command',
      status: 'failed',
      startedAt: AT,
      finishedAt: AT,
      exitCode: 2,
      message: 'a',
    });
    expect(runEnded({ hooks: ended }, 'post', 'd', { status: 'succeeded' }, AT)).toBeUndefined();
  });

  test('keep messages short: twenty of them stand on a record', () => {
    const outcome = { status: 'failed', message: 'x'.repeat(5000) } as const;
    expect(runEnded({ hooks: runs }, 'pre', 'a', outcome, AT)?.[0]?.message).toHaveLength(500);
  });

  test('of commands follow where their runner is', () => {
    const inC = commandsUpTo({ hooks: runs }, 'c', AT);
    expect(shown(inC)).toEqual(['a succeeded', 'b pending', 'c running', 'd pending']);
    expect(commandsUpTo({ hooks: inC }, 'c', AT)).toBeUndefined();
    expect(shown(commandsUpTo({ hooks: inC }, undefined, AT))).toEqual([
      'a succeeded',
      'b pending',
      'c succeeded',
      'd pending',
    ]);
  });

  test('do not go on in a record that has ended', () => {
    const begun = { hooks: runBegun({ hooks: runs }, 'post', 'd', AT) };
    expect(shown(closedRuns(begun, 'failed', AT))?.at(-1)).toBe('d failed');
    expect(shown(closedRuns(begun, 'canceled', AT))).toEqual([
      'a skipped',
      'b skipped',
      'c skipped',
      'd failed',
    ]);
    expect(shown(closedRuns(begun, 'succeeded', AT))?.at(-1)).toBe('d warned');
  });
});

test('what breaks beside a post hook ends the deployment as succeeded where a failing hook is only a warning', () => {
  const deciding = (onPostFailure: 'fail' | 'warn', cancel = false) => {
    const record = aDeployment({
      status: 'deploying',
      stage: 'activate',
      activating: true,
      snapshot: { ...aDeployment().snapshot, hooks: hooks({ post: [command('d')], onPostFailure }) },
      activation: { round: 1, enteredAt: AT, work: { kind: 'hook', hook: 0 } },
      previousDeploymentId: ids.previous,
      settling: { at: AT, by: 'execution-ended' },
      ...(cancel ? { cancelRequested: { at: AT, by: 'ann' } } : {}),
    });
    const reading = { known: true, deploymentId: record.id } as const;
    return decideSettlement(record, { reading }, AT_MS);
  };
  expect(deciding('warn')).toMatchObject({
    kind: 'end',
    ending: { status: 'succeeded', releaseState: 'active' },
  });
  expect(deciding('fail')).toMatchObject({ kind: 'restore' });
  expect(deciding('warn', true)).toMatchObject({ kind: 'restore' });
});
