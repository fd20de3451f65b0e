import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import * as steps from '../../shared/contracts/steps.ts';
import { DEADLINES } from '../../shared/domain/deadlines.ts';
import { commandSeconds } from '../../shared/domain/hooks.ts';
import { synthesised } from './synth.ts';

const SCHEMAS: Readonly<Record<string, z.ZodMiniType>> = {
  Gate: steps.gateState,
  Build: steps.buildState,
  Release: steps.releaseState,
  Verify: steps.verifyState,
  Activate: steps.activateState,
  Hook: steps.hookState,
  Settle: steps.settleState,
};

const taskSchema = z.object({
  Type: z.literal('Task'),
  Resource: z.string(),
  Next: z.optional(z.string()),
  End: z.optional(z.boolean()),
  ResultPath: z.nullable(z.string()),
  TimeoutSeconds: z.optional(z.number()),
  HeartbeatSeconds: z.optional(z.number()),
  Catch: z.optional(
    z.array(
      z.object({
        ErrorEquals: z.array(z.string()),
        Next: z.string(),
        ResultPath: z.nullable(z.string()),
      }),
    ),
  ),
  Parameters: z.object({ Payload: z.record(z.string(), z.unknown()) }),
});
const choiceSchema = z.object({
  Type: z.literal('Choice'),
  Choices: z.array(z.looseObject({ Next: z.string() })),
  Default: z.string(),
});
const definitionSchema = z.object({
  StartAt: z.string(),
  States: z.record(z.string(), z.union([taskSchema, choiceSchema])),
});
type Task = z.infer<typeof taskSchema>;
interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Task>>;
  readonly choices: Readonly<Record<string, z.infer<typeof choiceSchema>>>;
}

function definitionOf(text: string): Definition {
  const { StartAt, States } = z.parse(definitionSchema, JSON.parse(text));
  const tasks: Record<string, Task> = {};
  const choices: Record<string, z.infer<typeof choiceSchema>> = {};
  for (const [name, state] of Object.entries(States)) {
    if (state.Type === 'Task') tasks[name] = state;
    else choices[name] = state;
  }
  return { StartAt, States: tasks, choices };
}

/** What Step Functions puts in for each path of the payload. */
const AT_RUN_TIME: Readonly<Record<string, unknown>> = {
  '$.deploymentId': 'dep_01JD0000000000000000000000',
  '$$.Execution.Id':
    'arn:aws:states:us-east-1:000000000000:execution:Slipway-deploy:dep_01JD0000000000000000000000',
  '$$.State.EnteredTime': '2026-01-01T00:00:00.000Z',
  '$$.State.RetryCount': 0,
  '$$.Task.Token': 'token',
};

const definitions = new Map<string, Definition>();
beforeAll(() => {
  const machines = synthesised().service.findResources('AWS::StepFunctions::StateMachine');
  for (const { Properties } of Object.values(machines)) {
    const joined = Properties.DefinitionString['Fn::Join'][1];
    const text = joined.map((part: unknown) => (typeof part === 'string' ? part : 'arn')).join('');
    const kind = String(Properties.StateMachineName).split('-').at(-1) ?? '';
    definitions.set(kind, definitionOf(text));
  }
}, 120_000);

function payloadOf(state: Task): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(state.Parameters.Payload).map(([key, value]) =>
      key.endsWith('.$') ? [key.slice(0, -2), AT_RUN_TIME[String(value)]] : [key, value],
    ),
  );
}

describe.each([
  { kind: 'deploy', states: ['Gate', 'Build', 'Release', 'Verify', 'Activate', 'Settle'] },
  { kind: 'rollback', states: ['Gate', 'Release', 'Activate', 'Settle'] },
])('the $kind machine', ({ kind, states }) => {
  let definition: Definition;
  beforeAll(() => {
    definition = definitions.get(kind) ?? { StartAt: '', States: {}, choices: {} };
  });

  it('goes through its states in their order, a transition each with the start', () => {
    const order: string[] = [];
    for (
      let name: string | undefined = definition.StartAt;
      name !== undefined;
      name = definition.States[name]?.Next ?? definition.choices[name]?.Default
    )
      order.push(name);
    expect(order).toEqual(states.toSpliced(-1, 0, 'AnotherRound'));
    expect(Object.keys(definition.States).sort()).toEqual([...states, 'Hook'].sort());
  });

  it('enters Hook for a round that runs a hook and Activate again for any other that it goes on with, and for nothing else', () => {
    expect(Object.keys(definition.choices)).toEqual(['AnotherRound']);
    expect(definition.States['Hook']?.Next).toBe('AnotherRound');
    expect(definition.choices['AnotherRound']?.Choices).toEqual([
      {
        And: [
          { Variable: '$.round.next', IsPresent: true },
          { Variable: '$.round.next', StringEquals: 'hook' },
        ],
        Next: 'Hook',
      },
      {
        And: [
          { Variable: '$.round.more', IsPresent: true },
          { Variable: '$.round.more', BooleanEquals: true },
        ],
        Next: 'Activate',
      },
    ]);
  });

  it('sends each state a payload that its handler parses, with no key too many', () => {
    for (const [name, state] of Object.entries(definition.States)) {
      const parsed = z.safeParse(SCHEMAS[name] ?? z.never(), payloadOf(state));
      expect(parsed.error?.issues ?? [], name).toEqual([]);
    }
  });

  it('gives every state a deadline, and every state that waits for an answer a heartbeat or only people to wait for', () => {
    for (const [name, state] of Object.entries(definition.States)) {
      expect(state.TimeoutSeconds, name).toBeGreaterThan(0);
      const waits = state.Resource.endsWith('.waitForTaskToken');
      if (waits && name !== 'Gate') expect(state.HeartbeatSeconds, name).toBeGreaterThan(0);
    }
  });

  it('gives a state more time than the record gives its stage, so that the sweep says why a stage ended', () => {
    for (const stage of ['release', 'verify', 'activate'] as const) {
      const name = `${stage.charAt(0).toUpperCase()}${stage.slice(1)}`;
      if (!states.includes(name)) continue;
      // Two sweeps, and the settlement that stops the execution.
      expect(definition.States[name]?.TimeoutSeconds, name).toBeGreaterThanOrEqual(
        DEADLINES[stage].max + 180,
      );
    }
    const longest = commandSeconds([{ type: 'command', name: 'a', command: '', timeoutSeconds: 3600 }]);
    expect(definition.States['Hook']?.TimeoutSeconds).toBeGreaterThanOrEqual(
      DEADLINES.claim.max + longest + 60 + 180,
    );
  });

  it('leads every failure of every state to Settle and carries nothing on but ids and what a round answered', () => {
    for (const [name, state] of Object.entries(definition.States)) {
      expect(state.ResultPath, name).toBe(name === 'Activate' || name === 'Hook' ? '$.round' : null);
      if (name === 'Settle') continue;
      expect(state.Catch, name).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'Settle', ResultPath: null }]);
    }
  });
});

it('has a schema for each state of a machine', () => {
  expect(Object.keys(definitions.get('deploy')?.States ?? {}).sort()).toEqual(Object.keys(SCHEMAS).sort());
});
