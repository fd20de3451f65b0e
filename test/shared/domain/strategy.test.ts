import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentRequest } from '../../../shared/contracts/deployment-requests.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import {
  BAKE,
  bakeSecondsOf,
  faultOfSteps,
  nextWork,
  obstacleToAbort,
  obstacleToPromote,
  obstacleToStrategy,
  onlyWarns,
  presentHook,
  roundAt,
  type Strategy,
  stepsOf,
} from '../../../shared/domain/strategy.ts';
import { aDeployment } from '../../support/records.ts';

const { snapshot } = aDeployment();
const weights = (...given: number[]) => given.map((weight) => ({ weight }));

describe('the steps of a strategy', () => {
  it('a canary takes 10, 50 and 100 percent unless told otherwise, and its last step does not bake', () => {
    expect(stepsOf('canary')).toEqual([
      { weight: 10, bakeSeconds: BAKE.default },
      { weight: 50, bakeSeconds: BAKE.default },
      { weight: 100, bakeSeconds: 0 },
    ]);
    expect(bakeSecondsOf(stepsOf('canary'))).toBe(2 * BAKE.default);
  });

  it('blue-green and all-at-once switch everybody once', () => {
    for (const strategy of ['blue-green', 'all-at-once'] as const)
      expect(stepsOf(strategy)).toEqual([{ weight: 100, bakeSeconds: 0 }]);
  });

  it.each<[Strategy, number[], (string | number)[]]>([
    ['canary', [50, 10, 100], [1, 'weight']],
    ['canary', [10, 10, 100], [1, 'weight']],
    ['canary', [10, 50], [1, 'weight']],
    ['canary', [99], [0, 'weight']],
    ['canary', [10, 100, 100], [2, 'weight']],
    ['blue-green', [50, 100], [1]],
    ['blue-green', [50], [0, 'weight']],
    ['all-at-once', [100], []],
    ['rolling', [10, 100], []],
  ])('%s with the weights %j is refused, and says which', (strategy, given, path) => {
    expect(faultOfSteps(strategy, weights(...given))?.path).toEqual(path);
    const parsed = deploymentRequest.safeParse({
      projectId: 'prj_01JC3Z8M6T0000000000000000',
      strategy,
      steps: weights(...given),
    });
    expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([['steps', ...path]]);
  });

  it('whatever weights are taken, they rise and end at everybody; whatever rises and ends there is taken', () => {
    const anyWeights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(anyWeights, (given) => {
        const rises = given.every((weight, i) => weight > (given[i - 1] ?? 0)) && given.at(-1) === 100;
        return (faultOfSteps('canary', weights(...given)) === undefined) === rises;
      }),
    );
  });

  it('a strategy that the target cannot do is refused with those that it can', () => {
    expect(obstacleToStrategy('rolling', 'site')).toBe(
      'strategy rolling is not possible here: a site target has no instances to replace one by one; choose all-at-once or blue-green or canary',
    );
    expect(obstacleToStrategy('canary', 'custom')).toContain('choose all-at-once');
    expect(obstacleToStrategy('canary', 'site')).toBeUndefined();
  });
});

describe('the rounds of an activation', () => {
  const [first, second, third] = [
    '2026-01-01T00:00:00.000Z',
    '2026-01-01T00:01:00.000Z',
    '2026-01-01T00:02:00.000Z',
  ];
  const at = (round: number, enteredAt: string, step: number) => ({
    activation: { round, enteredAt, work: { kind: 'step', step } as const },
  });
  const rollout = (over: Partial<NonNullable<Deployment['rollout']>> = {}) => ({
    rollout: { steps: stepsOf('canary'), step: 0, weight: 10, ...over },
  });

  it('the first entry is the first round, a retry the same one, a later entry the next', () => {
    expect(roundAt({}, first)).toEqual({ round: 0, repeated: false });
    expect(roundAt(at(0, first, 0), first)).toEqual({ round: 0, repeated: true });
    expect(roundAt(at(0, first, 0), second)).toEqual({ round: 1, repeated: false });
  });

  it('an entry that the machine has left is late', () => {
    expect(roundAt(at(1, second, 1), first)).toBe('late');
    expect(roundAt(at(1, second, 1), third)).toEqual({ round: 2, repeated: false });
  });

  it('step follows step, and nothing follows the last', () => {
    expect(nextWork({ snapshot })).toEqual({ kind: 'step', step: 0 });
    expect(nextWork({ snapshot, ...at(0, first, 0), ...rollout() })).toEqual({ kind: 'step', step: 1 });
    expect(nextWork({ snapshot, ...at(1, first, 2), ...rollout({ step: 2 }) })).toBeUndefined();
    expect(nextWork({ snapshot, ...at(0, first, 0) })).toBeUndefined();
  });

  it('a promotion to everybody leaves out what is between', () => {
    const promoted = { round: 0, at: first, by: 'ann', all: true };
    expect(nextWork({ snapshot, ...at(0, first, 0), ...rollout({ promoted }) })).toEqual({
      kind: 'step',
      step: 2,
    });
  });

  it('post hooks follow the last step, one a round, and pre hooks none', () => {
    const hook = (name: string) => ({ type: 'command', name, command: 'true' }) as const;
    const hooks = {
      pre: [hook('before')],
      post: [hook('one'), hook('two')],
      onPostFailure: 'fail',
    } as const;
    const withHooks = { snapshot: { ...snapshot, hooks } };
    const inHook = (n: number) => ({
      activation: { round: n + 1, enteredAt: first, work: { kind: 'hook', hook: n } as const },
    });
    expect(nextWork({ ...withHooks, ...at(0, first, 0), ...rollout() })).toEqual({ kind: 'step', step: 1 });
    expect(nextWork({ ...withHooks, ...at(2, first, 2), ...rollout({ step: 2 }) })).toEqual({
      kind: 'hook',
      hook: 0,
    });
    expect(nextWork({ ...withHooks, ...at(0, first, 0) })).toEqual({ kind: 'hook', hook: 0 });
    expect(nextWork({ ...withHooks, ...inHook(0) })).toEqual({ kind: 'hook', hook: 1 });
    expect(nextWork({ ...withHooks, ...inHook(1) })).toBeUndefined();
    expect(presentHook({ ...withHooks, ...inHook(1) })?.name).toBe('two');
    expect(presentHook({ ...withHooks, ...at(0, first, 0) })).toBeUndefined();
    expect(onlyWarns({ ...withHooks, ...inHook(0) })).toBe(false);
    const warning = { snapshot: { ...snapshot, hooks: { ...hooks, onPostFailure: 'warn' as const } } };
    expect(onlyWarns({ ...warning, ...inHook(0) })).toBe(true);
    expect(onlyWarns({ ...warning, ...at(0, first, 0) })).toBe(false);
  });

  it('nobody promotes while a post hook runs, and an abort still goes back', () => {
    const hooks = {
      pre: [],
      post: [{ type: 'command', name: 'warm', command: 'true' }],
      onPostFailure: 'fail',
    } as const;
    const inHook = aDeployment({
      status: 'deploying',
      stage: 'activate',
      strategy: 'canary',
      snapshot: { ...snapshot, hooks },
      activation: { round: 3, enteredAt: first, work: { kind: 'hook', hook: 0 } },
      ...rollout({ step: 2, weight: 100 }),
    });
    expect(obstacleToPromote(inHook)).toBe('all visitors have its release already; its post hook warm runs');
    expect(obstacleToAbort(inHook)).toBeUndefined();
  });

  const bakes = aDeployment({
    status: 'deploying',
    stage: 'activate',
    strategy: 'canary',
    ...at(0, first, 0),
    ...rollout({ until: third }),
  });
  it.each<[string, Partial<Deployment>, string | undefined, string | undefined]>([
    ['bakes', {}, undefined, undefined],
    ['moves traffic', rollout(), 'being moved', undefined],
    [
      'was promoted',
      rollout({ until: third, promoted: { round: 0, at: first, by: 'ann', all: false } }),
      'ann has promoted',
      undefined,
    ],
    ['has moved no traffic', { rollout: undefined }, 'moved no traffic', 'moved no traffic'],
    ['has no steps', { rollout: undefined, strategy: 'all-at-once' }, 'all at once', 'all at once'],
    ['is being canceled', { cancelRequested: { at: first, by: 'ann' } }, 'canceled', 'canceled'],
    ['is settled', { settling: { at: first, by: 'machine' } }, 'ending', 'ending'],
  ])('what %s can be promoted or aborted, or says why not', (_, over, promote, abort) => {
    const deployment = { ...bakes, ...over } as Deployment;
    const said = (wanted: string | undefined) =>
      wanted === undefined ? undefined : expect.stringContaining(wanted);
    expect(obstacleToPromote(deployment)).toEqual(said(promote));
    expect(obstacleToAbort(deployment)).toEqual(said(abort));
  });
});
