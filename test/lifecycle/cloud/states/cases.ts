import type { Definition, State } from './definition.ts';

/** What the function that a state calls does, call by call; the last one for all that follow. */
export type Said =
  | { readonly returns: unknown }
  /** Fails with an error of this name. */
  | { readonly fails: string }
  /** Answers the task's token, then returns. */
  | { readonly answers: { readonly output: unknown } | { readonly error: string } }
  /** Goes on for longer than anybody waits. */
  | 'goes on';

/** A machine, what it is given, what its function does: the same outcome, whoever runs it. */
export interface Case {
  readonly name: string;
  readonly definition: Definition;
  readonly input?: unknown;
  readonly script?: readonly Said[];
  readonly expected: {
    readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
    readonly error?: string;
    readonly output?: unknown;
    /** States in the order in which they were entered. */
    readonly entered?: readonly string[];
    /** Payloads that the function was called with, and how many. */
    readonly payloads?: readonly unknown[];
    readonly calls?: number;
  };
  /** Why the emulator does otherwise, where it does. */
  readonly notOnTheEmulator?: string;
}

const INVOKE = 'arn:aws:states:::lambda:invoke';
/** In the place of the function's name, which is another on the emulator. */
export const FUNCTION = 'f';

const task = (more: Partial<State> = {}): State => ({
  Type: 'Task',
  Resource: INVOKE,
  Parameters: { FunctionName: FUNCTION, 'Payload.$': '$' },
  ResultPath: null,
  End: true,
  ...more,
});
const waiting = (more: Partial<State> = {}): State =>
  task({
    Resource: `${INVOKE}.waitForTaskToken`,
    Parameters: { FunctionName: FUNCTION, Payload: { 'token.$': '$$.Task.Token' } },
    ...more,
  });
const alone = (state: State): Definition => ({ StartAt: 'A', States: { A: state } });

const ERROR_NAMES = 'there every error of a function is called Runtime.HandlerError';
const NO_HEARTBEAT = 'it has no HeartbeatSeconds';
const GOES_ON_WAITING = 'there a token is waited for although the function that had it has failed';
const NO_LIMIT = "it has no TimeoutSeconds of a machine's own";

const choice = (Choices: State['Choices'] & object): Definition => ({
  StartAt: 'A',
  States: {
    A: { Type: 'Choice', Choices, Default: 'C' },
    B: { Type: 'Succeed' },
    C: { Type: 'Fail', Error: 'Refused' },
  },
});
const both = choice([
  {
    And: [
      { Variable: '$.n', NumericGreaterThan: 1 },
      { Variable: '$.s', StringEquals: 'x' },
    ],
    Next: 'B',
  },
  { Not: { Variable: '$.none', IsPresent: false }, Next: 'B' },
]);
const more = choice([
  {
    And: [
      { Variable: '$.round.more', IsPresent: true },
      { Variable: '$.round.more', BooleanEquals: true },
    ],
    Next: 'B',
  },
]);
const goesTo = (state: string) => ({
  entered: ['A', state],
  ...(state === 'B' ? { status: 'SUCCEEDED' as const } : { status: 'FAILED' as const, error: 'Refused' }),
});

export const CASES: readonly Case[] = [
  {
    name: 'a task gets its payload from input and context, and its result goes where it says',
    definition: alone(
      task({
        Parameters: {
          FunctionName: FUNCTION,
          Payload: { fixed: 1, 'id.$': '$.deep.id', 'n.$': '$$.State.RetryCount', 'at.$': '$$.State.Name' },
        },
        ResultSelector: { 'said.$': '$.Payload' },
        ResultPath: '$.result',
      }),
    ),
    input: { deep: { id: 7 } },
    script: [{ returns: 'done' }],
    expected: {
      status: 'SUCCEEDED',
      output: { deep: { id: 7 }, result: { said: 'done' } },
      payloads: [{ fixed: 1, id: 7, n: 0, at: 'A' }],
    },
  },
  {
    name: 'a task whose result is dropped hands on its input',
    definition: { StartAt: 'A', States: { A: task({ End: false, Next: 'B' }), B: { Type: 'Succeed' } } },
    input: { id: 1 },
    script: [{ returns: 'done' }],
    expected: { status: 'SUCCEEDED', entered: ['A', 'B'], output: { id: 1 } },
  },
  {
    name: 'a task is tried again as often as its retrier says, then it has failed',
    definition: alone(
      task({
        Retry: [
          { ErrorEquals: ['Busy'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 2, MaxDelaySeconds: 2 },
        ],
      }),
    ),
    script: [{ fails: 'Busy' }],
    expected: { status: 'FAILED', error: 'Busy', calls: 3 },
    notOnTheEmulator: ERROR_NAMES,
  },
  {
    name: 'a retrier for everything takes every error, and knows how often it has tried',
    definition: alone(
      task({
        Parameters: { FunctionName: FUNCTION, Payload: { 'n.$': '$$.State.RetryCount' } },
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 2 }],
      }),
    ),
    script: [{ fails: 'Busy' }, { fails: 'Busy' }, { returns: 'done' }],
    expected: { status: 'SUCCEEDED', calls: 3, payloads: [{ n: 0 }, { n: 1 }, { n: 2 }] },
  },
  {
    name: 'each retrier counts for itself',
    definition: alone(
      waiting({
        Retry: [
          { ErrorEquals: ['Busy'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 1 },
          { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 1 },
        ],
      }),
    ),
    script: [
      { answers: { error: 'Busy' } },
      { answers: { error: 'Other' } },
      { answers: { error: 'Other' } },
    ],
    expected: { status: 'FAILED', error: 'Other', calls: 3 },
  },
  {
    name: 'a task is not tried again for an error that its retrier does not name',
    definition: alone(waiting({ Retry: [{ ErrorEquals: ['Busy'] }] })),
    script: [{ answers: { error: 'Other' } }],
    expected: { status: 'FAILED', error: 'Other', calls: 1 },
  },
  {
    name: 'a task that fails goes where the first catcher that names its error says',
    definition: {
      StartAt: 'A',
      States: {
        A: waiting({
          Catch: [
            { ErrorEquals: ['Other'], Next: 'B' },
            { ErrorEquals: ['States.ALL'], Next: 'C', ResultPath: null },
          ],
        }),
        B: { Type: 'Succeed' },
        C: { Type: 'Pass', End: true },
      },
    },
    input: { id: 1 },
    script: [{ answers: { error: 'Busy' } }],
    expected: { status: 'SUCCEEDED', entered: ['A', 'C'], output: { id: 1 } },
  },
  {
    name: 'what a catcher is told of the error stands where it says',
    definition: {
      StartAt: 'A',
      States: {
        A: waiting({ Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'B', ResultPath: '$.error' }] }),
        B: { Type: 'Pass', Parameters: { 'code.$': '$.error.Error' }, End: true },
      },
    },
    input: { id: 1 },
    script: [{ answers: { error: 'Busy' } }],
    expected: { status: 'SUCCEEDED', entered: ['A', 'B'], output: { code: 'Busy' } },
  },
  {
    name: 'a task that takes too long fails with States.Timeout',
    definition: alone(waiting({ TimeoutSeconds: 2 })),
    script: [{ returns: null }],
    expected: { status: 'FAILED', error: 'States.Timeout' },
  },
  {
    name: 'a task that takes too long is caught like any other error',
    definition: {
      StartAt: 'A',
      States: {
        A: waiting({ TimeoutSeconds: 2, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }),
        B: { Type: 'Succeed' },
      },
    },
    script: [{ returns: null }],
    expected: { status: 'SUCCEEDED', entered: ['A', 'B'] },
  },
  {
    name: 'a call that takes too long fails with States.Timeout, though its function goes on',
    definition: alone(task({ TimeoutSeconds: 2 })),
    script: ['goes on'],
    expected: { status: 'FAILED', error: 'States.Timeout' },
  },
  {
    name: 'a token goes on with what it was answered',
    definition: alone(waiting({ ResultPath: '$.round' })),
    input: { id: 1 },
    script: [{ answers: { output: { more: true } } }],
    expected: { status: 'SUCCEEDED', output: { id: 1, round: { more: true } } },
  },
  {
    name: 'a token whose function fails has failed',
    definition: {
      StartAt: 'A',
      States: {
        A: waiting({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }),
        B: { Type: 'Succeed' },
      },
    },
    script: [{ fails: 'Crash' }],
    expected: { status: 'SUCCEEDED', entered: ['A', 'B'] },
    notOnTheEmulator: GOES_ON_WAITING,
  },
  {
    name: 'a token that nobody beats for longer than its heartbeat fails',
    definition: alone(waiting({ HeartbeatSeconds: 60 })),
    script: [{ returns: null }],
    expected: { status: 'FAILED', error: 'States.HeartbeatTimeout' },
    notOnTheEmulator: NO_HEARTBEAT,
  },
  {
    name: 'a state may be entered again and again, with a token of its own each time',
    definition: {
      StartAt: 'A',
      States: {
        A: waiting({ End: false, Next: 'B', ResultPath: '$.round' }),
        B: {
          Type: 'Choice',
          Choices: [
            {
              And: [
                { Variable: '$.round.more', IsPresent: true },
                { Variable: '$.round.more', BooleanEquals: true },
              ],
              Next: 'A',
            },
          ],
          Default: 'C',
        },
        C: { Type: 'Pass', Result: 'over', End: true },
      },
    },
    script: [
      { answers: { output: { more: true } } },
      { answers: { output: { more: true } } },
      { answers: { output: {} } },
    ],
    expected: { status: 'SUCCEEDED', entered: ['A', 'B', 'A', 'B', 'A', 'B', 'C'], output: 'over', calls: 3 },
  },
  {
    name: 'a machine that takes too long is timed out',
    definition: { ...alone(waiting()), TimeoutSeconds: 2 },
    script: [{ returns: null }],
    expected: { status: 'TIMED_OUT' },
    notOnTheEmulator: NO_LIMIT,
  },
  {
    name: 'a choice takes a rule that holds',
    definition: both,
    input: { n: 2, s: 'x' },
    expected: goesTo('B'),
  },
  {
    name: 'a choice takes its default where no rule holds',
    definition: both,
    input: { n: 1, s: 'x' },
    expected: goesTo('C'),
  },
  {
    name: 'a choice asks only for what is there',
    definition: more,
    input: { round: {} },
    expected: goesTo('C'),
  },
  {
    name: 'a choice goes on where more was answered',
    definition: more,
    input: { round: { more: true } },
    expected: goesTo('B'),
  },
  {
    name: 'a choice does not go on where no more was answered',
    definition: more,
    input: { round: { more: false } },
    expected: goesTo('C'),
  },
  {
    name: 'a wait passes its input on',
    definition: {
      StartAt: 'A',
      States: { A: { Type: 'Wait', Seconds: 1, Next: 'B' }, B: { Type: 'Succeed' } },
    },
    input: { id: 1 },
    expected: { status: 'SUCCEEDED', entered: ['A', 'B'], output: { id: 1 } },
  },
];
