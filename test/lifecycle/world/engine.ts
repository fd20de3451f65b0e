import { STEP_CONTRACT } from '../../../shared/contracts/steps.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { Delivery, Machine, TaskOutput } from '../../../shared/platform/machine.ts';
import type { TestClock } from '../../support/store.ts';

/** The states of the machines in their order; what fails goes to the last one. A rollback builds and stages nothing. */
const STATES = [
  { name: 'gate', token: true, deployOnly: false },
  { name: 'build', token: true, deployOnly: true },
  { name: 'release', token: true, deployOnly: false },
  { name: 'verify', token: false, deployOnly: true },
  { name: 'activate', token: true, deployOnly: false },
  { name: 'settle', token: false, deployOnly: false },
] as const;
/** Entered instead of the activation for each round that runs a hook. */
const HOOK = 'hook';
export type StateName = (typeof STATES)[number]['name'] | typeof HOOK;

export interface Execution {
  readonly arn: string;
  readonly deploymentId: string;
  readonly type: Deployment['type'];
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** States that were entered, as an execution's history lists them. */
  readonly entered: (StateName | 'another-round')[];
  /** The token that the present state waits for. */
  token: string | undefined;
}

/** What a state ended with; `more`: it is to be entered again. */
interface Answer {
  readonly ok: boolean;
  readonly more?: boolean | undefined;
  readonly next?: 'activate' | 'hook' | undefined;
}

/** Calls the function of a state with its payload. */
export type Invoke = (state: StateName, payload: Record<string, unknown>) => Promise<unknown>;

/**
 * Follows the deploy machine as AWS does: one state after the other, a token state until its token is answered, any
 * failure into Settle, whose own failure is tried twice more. Nothing here knows what the functions do.
 */
export class Engine implements Machine {
  readonly executions = new Map<string, Execution>();
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  readonly #running: Promise<void>[] = [];
  readonly #clock: TestClock;
  invoke: Invoke = () => Promise.reject(new Error('no functions'));
  /** Called with every execution that ended without its Settle having done so, as the status rule is. */
  onEnded: (execution: Execution) => void = () => {};
  #tokens = 0;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  async start(deploymentId: string, type: Deployment['type'] = 'deploy'): Promise<string | undefined> {
    if (this.executions.has(deploymentId)) return undefined;
    const arn = `arn:execution:${deploymentId}`;
    const execution: Execution = {
      arn,
      deploymentId,
      type,
      status: 'RUNNING',
      entered: [],
      token: undefined,
    };
    this.executions.set(deploymentId, execution);
    this.#running.push(this.#run(execution));
    return arn;
  }

  async stop(arn: string): Promise<void> {
    const execution = this.#byArn(arn);
    if (execution?.status !== 'RUNNING') return;
    execution.status = 'ABORTED';
    if (execution.token !== undefined) this.#waiting.get(execution.token)?.({ ok: false });
    this.onEnded(execution);
  }

  async state(arn: string): Promise<'running' | 'ended' | 'absent'> {
    const execution = this.#byArn(arn);
    if (execution === undefined) return 'absent';
    return execution.status === 'RUNNING' ? 'running' : 'ended';
  }

  succeed = async (token: string, { more, next }: TaskOutput = {}) =>
    this.#answer(token, { ok: true, more, next });
  fail = async (token: string) => this.#answer(token, { ok: false });
  heartbeat = async (token: string): Promise<Delivery> => (this.#waiting.has(token) ? 'delivered' : 'stale');

  #answer(token: string, answer: Answer): Delivery {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return 'stale';
    waiting(answer);
    return 'delivered';
  }

  #byArn = (arn: string) => [...this.executions.values()].find((execution) => execution.arn === arn);

  async #run(execution: Execution): Promise<void> {
    for (const { name, token, deployOnly } of STATES.slice(0, -1)) {
      if (deployOnly && execution.type === 'rollback') continue;
      let answer = await this.#state(execution, name, token);
      // The Choice behind the activation leads back to it for each further round, or to Hook for one that runs a hook.
      while (answer.more === true && execution.status === 'RUNNING') {
        execution.entered.push('another-round');
        answer = await this.#state(execution, answer.next === HOOK ? HOOK : name, token);
      }
      if (execution.status !== 'RUNNING') return;
      if (!answer.ok) break;
      if (name === 'activate') execution.entered.push('another-round');
    }
    for (let attempt = 0; attempt < 3 && execution.status === 'RUNNING'; attempt += 1) {
      if ((await this.#state(execution, 'settle', false, attempt)).ok) execution.status = 'SUCCEEDED';
    }
    if (execution.status !== 'RUNNING') return;
    execution.status = 'FAILED';
    this.onEnded(execution);
  }

  async #state(execution: Execution, name: StateName, withToken: boolean, retryCount = 0): Promise<Answer> {
    if (retryCount === 0) execution.entered.push(name);
    this.#tokens += 1;
    const token = withToken ? `token-${this.#tokens}` : undefined;
    const answered = Promise.withResolvers<Answer>();
    if (token !== undefined) this.#waiting.set(token, answered.resolve);
    execution.token = token;
    const payload = {
      op: name,
      contract: STEP_CONTRACT,
      deploymentId: execution.deploymentId,
      executionArn: execution.arn,
      // Time passes between two states, however the clock stands.
      enteredAt: isoTime(this.#clock.now() + this.#tokens),
      retryCount,
      ...(token === undefined ? {} : { taskToken: token }),
    };
    try {
      await this.invoke(name, payload);
      return token === undefined ? { ok: true } : await answered.promise;
    } catch {
      return { ok: false };
    } finally {
      if (token !== undefined) this.#waiting.delete(token);
      execution.token = undefined;
    }
  }
}
