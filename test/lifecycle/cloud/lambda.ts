import type { Units } from '../../../shared/domain/cost.ts';
import { asNobody, Died, kill, type Process, runAs } from './process.ts';
import type { Seam } from './seam.ts';
import type { Timeline } from './timeline.ts';

export type Handler = (event: unknown, context: unknown) => Promise<unknown>;

export interface FunctionSettings {
  readonly handler: Handler;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** A run that did not end well; `code` is the error's name as Lambda passes it on. */
export class FunctionFailed extends Error {
  readonly code: string;
  constructor(code: string, cause: unknown) {
    super(`The function failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.code = code;
  }
}

/** Waits between the attempts of an asynchronous call (ms): Lambda's own. */
const RETRY_MS = [60_000, 120_000] as const;

/** A delivery waits for a run until its function's own time is up (ms). */
const RUN_MS = 960_000;

/** The functions, each run of them a process that can die, and Lambda's own ways of calling them. */
export class Functions {
  readonly #timeline: Timeline;
  readonly #seam: Seam;
  readonly #known = new Map<string, FunctionSettings>();
  readonly deadLetters: { readonly name: string; readonly payload: unknown }[] = [];
  /** What runs now, for whoever kills one. */
  readonly running = new Set<Process>();
  /** Told what each run cost. */
  onPaid: (name: string, units: Units) => void = () => {};
  #runs = 0;

  constructor(timeline: Timeline, seam: Seam) {
    this.#timeline = timeline;
    this.#seam = seam;
  }

  define(name: string, settings: FunctionSettings): void {
    this.#known.set(name, settings);
  }

  /** Runs a function and waits. Rejects with FunctionFailed. */
  async invoke(name: string, payload: unknown, label: string): Promise<unknown> {
    const settings = this.#known.get(name);
    if (settings === undefined) throw new TypeError(`There is no function ${name}.`);
    const timeline = this.#timeline;
    this.#runs += 1;
    const since = timeline.now;
    const end = since + settings.timeoutMs;
    const context = {
      awsRequestId: `run-${this.#runs}`,
      functionName: name,
      memoryLimitInMB: String(settings.memoryMb),
      invokedFunctionArn: name,
      getRemainingTimeInMillis: () => Math.max(0, end - timeline.now),
    };
    const process: Process = { label, dead: false, waits: 0 };
    this.running.add(process);
    const timedOut = timeline.at(end, () => kill(timeline, process, 'timed out'));
    try {
      return await runAs(timeline, process, () => settings.handler(payload, context));
    } catch (error) {
      if (error instanceof Died)
        throw new FunctionFailed(
          error.message === 'timed out' ? 'Sandbox.Timedout' : 'Runtime.ExitError',
          error,
        );
      throw new FunctionFailed(error instanceof Error ? error.name : 'Error', error);
    } finally {
      timedOut();
      this.running.delete(process);
      const ms = timeline.now - since;
      const gbSeconds = (ms / 1000) * (settings.memoryMb / 1024);
      this.onPaid(name, { invocations: 1, lambdaMs: ms, gbSeconds });
    }
  }

  /** A service of AWS has something delivered, which it promises to do at least once. Rejects with FunctionFailed. */
  deliver(by: string, name: string, payload: unknown, label: string): Promise<unknown> {
    const failed = (code: string) => () => new FunctionFailed(code, 'of the harness');
    return asNobody(() =>
      this.#seam.call({
        by,
        service: 'lambda',
        operation: 'Invoke',
        detail: label,
        changes: true,
        kinds: ['error-before', 'error-after', 'slow', 'duplicate'],
        effect: () => this.invoke(name, payload, label),
        refusals: {
          unavailable: failed('Lambda.ServiceException'),
          throttled: failed('Lambda.TooManyRequestsException'),
          timeout: failed('Lambda.ClientExecutionTimeoutException'),
        },
        timeoutMs: RUN_MS,
      }),
    );
  }

  /** Takes a call for later: tried three times, then kept among the dead letters. */
  send(name: string, payload: unknown, label: string, waits: readonly number[] = RETRY_MS): void {
    this.#timeline.in(20, () => this.#attempt(name, payload, label, waits));
  }

  #attempt(name: string, payload: unknown, label: string, waits: readonly number[]): void {
    this.deliver('lambda', name, payload, label).catch((error: unknown) => {
      if (!(error instanceof FunctionFailed)) throw error;
      const [wait, ...more] = waits;
      if (wait === undefined) this.deadLetters.push({ name, payload });
      else this.#timeline.in(wait, () => this.#attempt(name, payload, label, more));
    });
  }
}
