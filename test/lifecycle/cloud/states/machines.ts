import type { Timeline } from '../timeline.ts';
import type { Catcher, Definition, Retrier, State } from './definition.ts';
import { chosen, filled, lookUp, placed, StateError } from './paths.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly input: unknown;
  readonly startedAt: string;
  status: ExecutionStatus;
  output: unknown;
  error: string | undefined;
  /** States that were entered, as the history lists them. */
  readonly entered: string[];
  readonly end: PromiseWithResolvers<void>;
}

/** Calls a function for a state. Rejects with StateError, named as Step Functions names it. */
export type InvokeForState = (functionArn: string, payload: unknown, state: string) => Promise<unknown>;

interface Waiting {
  readonly answer: PromiseWithResolvers<unknown>;
  beat: () => void;
}

/** An execution that waits in a state, as it is kept: what the state was called with, and what its data is. */
export interface KeptExecution {
  readonly definition: Definition;
  readonly name: string;
  readonly machineArn: string;
  readonly input: unknown;
  readonly startedAt: string;
  readonly state: string;
  readonly data: unknown;
  readonly payload: unknown;
  readonly token: string;
}

/** AWS ends what goes round for ever at 25,000 events of its history; nothing honest comes near even this. */
const MOST_STATES = 500;

/** Interprets state machines on the timeline, as Step Functions (Standard) does. */
export class StateMachines {
  readonly executions = new Map<string, Execution>();
  readonly #definitions = new Map<string, Definition>();
  readonly #tokens = new Map<string, Waiting>();
  readonly #timeline: Timeline;
  readonly #invoke: InvokeForState;
  #issued = 0;
  /** Where each execution that waits stands. */
  readonly #standing = new Map<Execution, Omit<KeptExecution, 'definition'>>();
  readonly #startedWith = new Map<Execution, Definition>();
  /** Executions that were lost. */
  lost = 0;
  /** Told of every execution that has ended, as the status-change events are. */
  onEnded: (execution: Execution) => void = () => {};

  constructor(timeline: Timeline, invoke: InvokeForState) {
    this.#timeline = timeline;
    this.#invoke = invoke;
  }

  define(machineArn: string, definition: Definition): void {
    this.#definitions.set(machineArn, definition);
  }

  /** Undefined where that name was taken. */
  start(machineArn: string, name: string, input: unknown): Execution | undefined {
    const definition = this.#definitions.get(machineArn);
    if (definition === undefined) throw new TypeError(`There is no machine ${machineArn}.`);
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    if (this.executions.has(arn)) return undefined;
    const execution: Execution = {
      arn,
      name,
      machineArn,
      input,
      startedAt: this.#iso(),
      status: 'RUNNING',
      output: undefined,
      error: undefined,
      entered: [],
      end: Promise.withResolvers(),
    };
    this.executions.set(arn, execution);
    this.#limit(execution, definition);
    this.#startedWith.set(execution, definition);
    void this.#follow(execution, definition, { name: definition.StartAt, data: input });
    return execution;
  }

  kept(): KeptExecution[] {
    return [...this.#standing].flatMap(([execution, standing]) => {
      const definition = this.#startedWith.get(execution);
      return execution.status !== 'RUNNING' || definition === undefined ? [] : [{ ...standing, definition }];
    });
  }

  /**
   * Goes on with an execution from where it stood, by the definition that it was started with: its function is called
   * with what it was called with then.
   */
  resume(kept: KeptExecution): void {
    const { name, machineArn, input, startedAt, definition } = kept;
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const execution: Execution = {
      ...{ arn, name, machineArn, input, startedAt, status: 'RUNNING', output: undefined, error: undefined },
      ...{ entered: [], end: Promise.withResolvers() },
    };
    this.executions.set(arn, execution);
    this.#limit(execution, definition);
    this.#startedWith.set(execution, definition);
    void this.#follow(execution, definition, { name: kept.state, data: kept.data, kept });
  }

  #limit(execution: Execution, definition: Definition): void {
    if (definition.TimeoutSeconds !== undefined)
      this.#timeline.in(definition.TimeoutSeconds * 1000, () => this.#finish(execution, 'TIMED_OUT'));
  }

  stop(execution: Execution): void {
    this.#finish(execution, 'ABORTED');
  }

  /** The machine's own time is up. */
  timeOut(execution: Execution): void {
    this.#finish(execution, 'TIMED_OUT');
  }

  /** Nobody knows of it any more, and nobody is told: as after the restart of an engine that forgot it. */
  lose(execution: Execution): void {
    this.executions.delete(execution.arn);
    this.lost += 1;
    if (execution.status === 'RUNNING') execution.status = 'ABORTED';
    execution.end.resolve();
  }

  /** False where nobody waits for the token (any more). */
  answer(token: string, outcome: { readonly output: unknown } | { readonly error: string }): boolean {
    const waiting = this.#tokens.get(token);
    if (waiting === undefined) return false;
    this.#tokens.delete(token);
    if ('output' in outcome) waiting.answer.resolve(outcome.output);
    else waiting.answer.reject(new StateError(outcome.error, 'The task was answered so.'));
    return true;
  }

  heartbeat(token: string): boolean {
    const waiting = this.#tokens.get(token);
    waiting?.beat();
    return waiting !== undefined;
  }

  #iso = () => new Date(this.#timeline.now).toISOString();

  #finish(execution: Execution, status: ExecutionStatus, error?: string): void {
    if (execution.status !== 'RUNNING') return;
    execution.status = status;
    execution.error = error;
    execution.end.resolve();
    this.onEnded(execution);
  }

  async #follow(execution: Execution, { States }: Definition, from: Place): Promise<void> {
    let name: string | undefined = from.name;
    let { data, kept } = from;
    while (name !== undefined && execution.status === 'RUNNING') {
      await this.#timeline.pass(5);
      const state: State | undefined = States[name];
      if (state === undefined || execution.status !== 'RUNNING') break;
      execution.entered.push(name);
      if (execution.entered.length > MOST_STATES) return this.#finish(execution, 'FAILED', 'States.Runtime');
      try {
        const left = await this.#enter(execution, name, state, data, kept);
        kept = undefined;
        data = left.data;
        name = left.next;
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        const caught = state.Catch?.find((catcher) => matches(catcher, error.code));
        if (caught === undefined) {
          this.#finish(execution, 'FAILED', error.code);
          return;
        }
        data = placed(data, caught.ResultPath, { Error: error.code, Cause: error.message });
        name = caught.Next;
      }
    }
    if (execution.status !== 'RUNNING') return;
    execution.output = data;
    this.#finish(execution, 'SUCCEEDED');
  }

  async #enter(
    execution: Execution,
    name: string,
    state: State,
    data: unknown,
    kept: KeptExecution | undefined,
  ): Promise<{ data: unknown; next: string | undefined }> {
    const next = state.End === true ? undefined : state.Next;
    const context = this.#context(execution, name);
    const input =
      state.InputPath === undefined || state.InputPath === null
        ? data
        : lookUp(state.InputPath, data, context);
    switch (state.Type) {
      case 'Succeed':
        return { data: input, next: undefined };
      case 'Fail':
        throw new StateError(state.Error ?? 'Failed', state.Cause ?? '');
      case 'Pass': {
        const given = state.Parameters === undefined ? input : filled(state.Parameters, input, context);
        return { data: placed(data, state.ResultPath, state.Result ?? given), next };
      }
      case 'Wait':
        await Promise.race([this.#timeline.pass((state.Seconds ?? 0) * 1000), execution.end.promise]);
        return { data: input, next };
      case 'Choice': {
        const rule = state.Choices?.find((one) => chosen(one, input));
        const to = rule?.Next ?? state.Default;
        if (to === undefined) throw new StateError('States.NoChoiceMatched', 'No rule holds.');
        return { data: input, next: to };
      }
      case 'Task': {
        const result = await this.#task(execution, { name, state, data, input, kept });
        const picked =
          state.ResultSelector === undefined ? result : filled(state.ResultSelector, result, context);
        return { data: placed(data, state.ResultPath, picked), next };
      }
    }
  }

  #context = (execution: Execution, name: string) => ({
    Execution: {
      Id: execution.arn,
      Name: execution.name,
      Input: execution.input,
      StartTime: execution.startedAt,
    },
    StateMachine: { Id: execution.machineArn },
    State: { Name: name, EnteredTime: this.#iso(), RetryCount: 0 },
  });

  /** A task with its retries; each retrier counts for itself. */
  async #task(execution: Execution, entry: Entry): Promise<unknown> {
    const { name, state } = entry;
    const context = this.#context(execution, name);
    const used = new Map<Retrier, number>();
    for (let retryCount = 0; ; retryCount += 1) {
      const own = { ...context, State: { ...context.State, RetryCount: retryCount } };
      try {
        return await this.#attempt(execution, retryCount === 0 ? entry : { ...entry, kept: undefined }, own);
      } catch (error) {
        if (!(error instanceof StateError) || execution.status !== 'RUNNING') throw error;
        const retrier = state.Retry?.find((one) => matches(one, error.code));
        const count = retrier === undefined ? 0 : (used.get(retrier) ?? 0);
        if (retrier === undefined || count >= (retrier.MaxAttempts ?? 3)) throw error;
        used.set(retrier, count + 1);
        const wait = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** count;
        await this.#timeline.pass(Math.min(wait, retrier.MaxDelaySeconds ?? wait) * 1000);
      }
    }
  }

  async #attempt(execution: Execution, entry: Entry, context: object): Promise<unknown> {
    const { name, state, data, input, kept } = entry;
    const waits = state.Resource?.endsWith('.waitForTaskToken') === true;
    if (!state.Resource?.includes(':lambda:invoke'))
      throw new TypeError(`${name} calls ${state.Resource}, which is not known here.`);
    this.#issued += 1;
    const token = kept?.token ?? `token-${execution.name}-${this.#issued}`;
    const answer = Promise.withResolvers<unknown>();
    answer.promise.catch(() => undefined);
    const parameters = filled(state.Parameters ?? {}, input, {
      ...context,
      ...(waits ? { Task: { Token: token } } : {}),
    });
    // The template always has these two.
    const { FunctionName, Payload: made } = parameters as { FunctionName: string; Payload: unknown };
    const Payload = kept?.payload ?? made;
    const { machineArn, startedAt } = execution;
    this.#standing.set(execution, {
      ...{ name: execution.name, machineArn, input: execution.input, startedAt, state: name, data },
      ...{ payload: Payload, token },
    });
    const undo = [
      this.#deadline(state.TimeoutSeconds, answer, 'States.Timeout'),
      this.#heartbeats(waits ? state.HeartbeatSeconds : undefined, token, answer, waits),
    ];
    const work = this.#invoke(FunctionName, Payload, name);
    if (waits) work.catch((error: unknown) => answer.reject(error));
    else
      work.then(
        (result) => answer.resolve({ Payload: result }),
        (error: unknown) => answer.reject(error),
      );
    const stopped = execution.end.promise.then(() => {
      throw new StateError('Aborted', 'The execution has ended.');
    });
    stopped.catch(() => undefined);
    try {
      return await Promise.race([answer.promise, stopped]);
    } finally {
      this.#tokens.delete(token);
      this.#standing.delete(execution);
      for (const one of undo) one();
    }
  }

  #deadline(seconds: number | undefined, answer: PromiseWithResolvers<unknown>, code: string): () => void {
    if (seconds === undefined) return () => {};
    return this.#timeline.in(seconds * 1000, () =>
      answer.reject(new StateError(code, `After ${seconds} s.`)),
    );
  }

  #heartbeats(
    seconds: number | undefined,
    token: string,
    answer: PromiseWithResolvers<unknown>,
    waits: boolean,
  ): () => void {
    if (!waits) return () => {};
    let undo = this.#deadline(seconds, answer, 'States.HeartbeatTimeout');
    const beat = () => {
      undo();
      undo = this.#deadline(seconds, answer, 'States.HeartbeatTimeout');
    };
    this.#tokens.set(token, { answer, beat });
    return () => undo();
  }
}

/** Where an execution goes on. */
interface Place {
  readonly name: string;
  readonly data: unknown;
  readonly kept?: KeptExecution | undefined;
}

/** A state that was entered. */
interface Entry {
  readonly name: string;
  readonly state: State;
  readonly data: unknown;
  readonly input: unknown;
  readonly kept: KeptExecution | undefined;
}

/** Does a Retry or Catch speak of this error? */
function matches({ ErrorEquals }: Retrier | Catcher, code: string): boolean {
  return ErrorEquals.some(
    (name) =>
      name === code ||
      name === 'States.ALL' ||
      (name === 'States.TaskFailed' && code !== 'States.Timeout') ||
      (name === 'States.Timeout' && code === 'States.HeartbeatTimeout'),
  );
}
