import { describe, expect, test } from 'vitest';
import { Timeline } from '../timeline.ts';
import type { Definition, State } from './definition.ts';
import { StateMachines } from './machines.ts';
import { StateError } from './paths.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
const INVOKE = 'arn:aws:states:::lambda:invoke';

const task = (more: Partial<State> = {}): State => ({
  Type: 'Task',
  Resource: INVOKE,
  Parameters: { FunctionName: 'f', 'Payload.$': '$' },
  ResultPath: null,
  End: true,
  ...more,
});

/** Runs a machine whose function does what is given, until nothing is left to happen. */
async function run(
  definition: Definition,
  work: (payload: unknown, machines: StateMachines) => Promise<unknown>,
  input: unknown = {},
) {
  const timeline = new Timeline(0);
  const called: { readonly at: number; readonly payload: unknown }[] = [];
  const machines: StateMachines = new StateMachines(timeline, (_, payload) => {
    called.push({ at: timeline.now, payload });
    return work(payload, machines);
  });
  machines.define(MACHINE, definition);
  const execution = machines.start(MACHINE, 'one', input);
  if (execution === undefined) throw new Error('It was not started.');
  await timeline.run(() => execution.status !== 'RUNNING', 10_000_000);
  return { execution, called, timeline, machines };
}

const fails = (code: string) => Promise.reject(new StateError(code, 'as the test says'));
const alone = (state: State): Definition => ({ StartAt: 'A', States: { A: state } });

describe('a task', () => {
  test('gets its payload from input and context, and its result goes where it says', async () => {
    const { execution, called } = await run(
      alone(
        task({
          Parameters: {
            FunctionName: 'f',
            Payload: {
              fixed: 1,
              'id.$': '$.deep.id',
              'name.$': '$$.Execution.Name',
              'n.$': '$$.State.RetryCount',
            },
          },
          ResultPath: '$.result',
        }),
      ),
      async () => 'done',
      { deep: { id: 7 } },
    );
    expect(called[0]?.payload).toEqual({ fixed: 1, id: 7, name: 'one', n: 0 });
    expect(execution.output).toEqual({ deep: { id: 7 }, result: { Payload: 'done' } });
  });

  test('is tried again with growing waits, as often as its retrier says, then it has failed', async () => {
    const Retry = [
      { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
    ];
    const { execution, called } = await run(alone(task({ Retry })), () => fails('Busy'));
    const waits = called.map(({ at }, i) => at - (called[i - 1]?.at ?? at));
    expect(waits).toEqual([0, 2000, 6000, 10_000]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Busy' });
  });

  test('is not tried again for an error that its retrier does not name', async () => {
    const { called } = await run(alone(task({ Retry: [{ ErrorEquals: ['Busy'] }] })), () => fails('Other'));
    expect(called).toHaveLength(1);
  });

  test('that fails goes where the first catcher that names its error says', async () => {
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'B' },
      { ErrorEquals: ['States.ALL'], Next: 'C', ResultPath: '$.error' },
    ];
    const { execution } = await run(
      {
        StartAt: 'A',
        States: { A: task({ Catch }), B: { Type: 'Succeed' }, C: { Type: 'Pass', End: true } },
      },
      () => fails('Busy'),
      { id: 1 },
    );
    expect(execution.entered).toEqual(['A', 'C']);
    expect(execution.output).toEqual({ id: 1, error: { Error: 'Busy', Cause: 'as the test says' } });
  });

  test('that takes too long fails with States.Timeout', async () => {
    const { execution, timeline } = await run(
      alone(task({ TimeoutSeconds: 30 })),
      () => new Promise(() => {}),
    );
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(timeline.now).toBeGreaterThanOrEqual(30_000);
  });
});

describe('a task that waits for its token', () => {
  const waiting = (more: Partial<State> = {}): State =>
    task({
      Resource: `${INVOKE}.waitForTaskToken`,
      Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token' } },
      ...more,
    });
  const tokenIn = (payload: unknown) => (payload as { token: string }).token;

  test('goes on with the first answer; a second finds nobody', async () => {
    let second: boolean | undefined;
    const { execution } = await run(alone(waiting({ ResultPath: '$' })), async (payload, machines) => {
      machines.answer(tokenIn(payload), { output: { ok: true } });
      second = machines.answer(tokenIn(payload), { error: 'Late' });
    });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { ok: true } });
    expect(second).toBe(false);
  });

  test('fails as its function does, however the token would have been answered', async () => {
    const { execution } = await run(alone(waiting()), () => fails('Crash'));
    expect(execution.error).toBe('Crash');
  });

  test('fails after a silence longer than its heartbeat', async () => {
    const { execution, timeline } = await run(alone(waiting({ HeartbeatSeconds: 60 })), async () => {});
    expect(execution.error).toBe('States.HeartbeatTimeout');
    expect(timeline.now).toBeLessThan(61_000);
  });
});

test('a choice takes the first rule that holds, else its default', async () => {
  const definition: Definition = {
    StartAt: 'A',
    States: {
      A: {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.n', NumericGreaterThan: 1 },
              { Variable: '$.s', StringEquals: 'x' },
            ],
            Next: 'B',
          },
          { Not: { Variable: '$.none', IsPresent: false }, Next: 'B' },
        ],
        Default: 'C',
      },
      B: { Type: 'Succeed' },
      C: { Type: 'Fail', Error: 'Refused' },
    },
  };
  const { execution } = await run(definition, async () => {}, { n: 2, s: 'x' });
  expect(execution.entered).toEqual(['A', 'B']);
  const other = await run(definition, async () => {}, { n: 1, s: 'x' });
  expect(other.execution).toMatchObject({ status: 'FAILED', error: 'Refused' });
});

test('a name starts once, and what was stopped goes nowhere', async () => {
  const timeline = new Timeline(0);
  const machines = new StateMachines(timeline, () => new Promise(() => {}));
  machines.define(MACHINE, {
    StartAt: 'A',
    States: { A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }), B: task() },
  });
  const execution = machines.start(MACHINE, 'one', {});
  expect(machines.start(MACHINE, 'one', {})).toBeUndefined();
  await timeline.run(() => false, 1000);
  if (execution !== undefined) machines.stop(execution);
  await timeline.run(() => false, 2000);
  expect(execution).toMatchObject({ status: 'ABORTED', entered: ['A'] });
});
