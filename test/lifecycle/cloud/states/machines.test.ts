import { expect, test } from 'vitest';
import { Timeline } from '../timeline.ts';
import type { Definition, State } from './definition.ts';
import { StateMachines } from './machines.ts';
import { StateError } from './paths.ts';

// What a machine comes to is told by the cases, which an engine of another make has to agree with. Here is what
// only time, or whoever holds a token, can see.

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
const INVOKE = 'arn:aws:states:::lambda:invoke';

const alone = (more: Partial<State>): Definition => ({
  StartAt: 'A',
  States: {
    A: {
      Type: 'Task',
      Resource: INVOKE,
      Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token' } },
      ResultPath: null,
      End: true,
      ...more,
    },
  },
});
const waiting = (more: Partial<State> = {}) => alone({ Resource: `${INVOKE}.waitForTaskToken`, ...more });

/** Runs a machine whose function does what is given, until nothing is left to happen. */
async function run(
  definition: Definition,
  work: (token: string, machines: StateMachines, timeline: Timeline) => Promise<unknown>,
) {
  const timeline = new Timeline(0);
  const calledAt: number[] = [];
  const machines: StateMachines = new StateMachines(timeline, (_, payload) => {
    calledAt.push(timeline.now);
    return work((payload as { token: string }).token, machines, timeline);
  });
  machines.define(MACHINE, definition);
  const execution = machines.start(MACHINE, 'one', {});
  if (execution === undefined) throw new Error('It was not started.');
  await timeline.run(() => execution.status !== 'RUNNING', 10_000_000);
  return { execution, calledAt, timeline };
}

test('between attempts the waits grow up to the longest', async () => {
  const Retry = [
    { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
  ];
  const { calledAt } = await run(waiting({ Retry }), () => Promise.reject(new StateError('Busy', '')));
  expect(calledAt.map((at, i) => at - (calledAt[i - 1] ?? at))).toEqual([0, 2000, 6000, 10_000]);
});

test('a second answer to a token finds nobody', async () => {
  let second: boolean | undefined;
  const { execution } = await run(waiting(), async (token, machines) => {
    machines.answer(token, { output: { ok: true } });
    second = machines.answer(token, { error: 'Late' });
  });
  expect(execution.status).toBe('SUCCEEDED');
  expect(second).toBe(false);
});

test('a beat makes the silence begin anew', async () => {
  const { execution, timeline } = await run(
    waiting({ HeartbeatSeconds: 60 }),
    async (token, machines, of) => {
      await of.pass(50_000);
      machines.heartbeat(token);
    },
  );
  expect(execution.error).toBe('States.HeartbeatTimeout');
  expect(timeline.now).toBeGreaterThanOrEqual(110_000);
});

test('a name starts once, and what was stopped goes nowhere', async () => {
  const timeline = new Timeline(0);
  const machines = new StateMachines(timeline, () => new Promise(() => {}));
  const { A } = waiting({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }).States;
  if (A === undefined) throw new Error('There is one.');
  machines.define(MACHINE, { StartAt: 'A', States: { A, B: { Type: 'Succeed' } } });
  const execution = machines.start(MACHINE, 'one', {});
  expect(machines.start(MACHINE, 'one', {})).toBeUndefined();
  await timeline.run(() => false, 1000);
  if (execution !== undefined) machines.stop(execution);
  await timeline.run(() => false, 2000);
  expect(execution).toMatchObject({ status: 'ABORTED', entered: ['A'] });
});
