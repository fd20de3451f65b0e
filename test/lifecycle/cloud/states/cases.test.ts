import { expect, test } from 'vitest';
import { Timeline } from '../timeline.ts';
import { CASES, type Said } from './cases.ts';
import { StateMachines } from './machines.ts';
import { StateError } from './paths.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';

test.each(CASES)('$name', async ({ definition, input = {}, script = [], expected }) => {
  const timeline = new Timeline(0);
  const payloads: unknown[] = [];
  const machines: StateMachines = new StateMachines(timeline, (_, payload) => {
    payloads.push(payload);
    return does(script[Math.min(payloads.length, script.length) - 1], payload, machines);
  });
  machines.define(MACHINE, definition);
  const execution = machines.start(MACHINE, 'one', input);
  if (execution === undefined) throw new Error('It was not started.');
  await timeline.run(() => execution.status !== 'RUNNING', 10_000_000);
  const { entered, payloads: wanted, calls, ...outcome } = expected;
  expect(execution).toMatchObject(outcome);
  if (entered !== undefined) expect(execution.entered).toEqual(entered);
  if (wanted !== undefined) expect(payloads).toEqual(wanted);
  if (calls !== undefined) expect(payloads).toHaveLength(calls);
});

/** What the script says that the function does. */
async function does(said: Said | undefined, payload: unknown, machines: StateMachines): Promise<unknown> {
  if (said === undefined) throw new Error('Nothing is said of this call.');
  if (said === 'goes on') return new Promise(() => {});
  if ('returns' in said) return said.returns;
  if ('fails' in said) throw new StateError(said.fails, 'as the script says');
  machines.answer((payload as { token: string }).token, said.answers);
  return undefined;
}
