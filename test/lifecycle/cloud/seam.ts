import type { FaultKind, Faults } from './faults.ts';
import { current, kill, never, waiting } from './process.ts';
import type { Timeline } from './timeline.ts';

/** How the errors of a service look to its caller. */
export interface Refusals {
  readonly unavailable: () => Error;
  /** The answer was lost after the request had arrived, where that looks different. */
  readonly broken?: (() => Error) | undefined;
  readonly throttled: () => Error;
  readonly timeout: () => Error;
  /** Somebody else's write came first, as the service would say it. */
  readonly condition?: (() => Error) | undefined;
  readonly conflict?: (() => Error) | undefined;
}

/** A call from inside to something outside: AWS, a runner's service, a target. */
export interface Call<T> {
  /** Who calls, where that is no process: a service of AWS. */
  readonly by?: string | undefined;
  readonly service: string;
  readonly operation: string;
  /** What of it is meant, so that the same code's calls for different things are told apart. */
  readonly detail?: string | undefined;
  readonly changes: boolean;
  /** The only ways in which it can go wrong, where those are not all that such a call can meet. */
  readonly kinds?: readonly FaultKind[] | undefined;
  /** What the service does when the request arrives. */
  readonly effect: () => T | Promise<T>;
  readonly refusals: Refusals;
  /** The caller gives up after this (ms). */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A call that was given up may still arrive until so long (ms) after that. */
  readonly wireMs?: number | undefined;
}

/** Requests and answers take a moment; how long differs from call to call, the same way in each run. */
const LATENCY = [1, 2, 3, 2, 5, 1, 4, 2, 8, 3, 1, 2] as const;

/** A slow call takes somewhat less than this (ms), or than its caller waits. */
const SLOW_MS = 30_000;

/** The one way out of the service's code. Latency, faults and deaths happen here. */
export class Seam {
  readonly #timeline: Timeline;
  readonly #faults: () => Faults;
  latency: () => number;
  #calls = 0;

  constructor(timeline: Timeline, faults: () => Faults) {
    this.#timeline = timeline;
    this.#faults = faults;
    this.latency = () => LATENCY[this.#calls % LATENCY.length] ?? 1;
  }

  call<T>(call: Call<T>): Promise<T> {
    const process = current();
    if (process?.dead) return never();
    this.#calls += 1;
    return waiting(() => this.#perform(call));
  }

  async #perform<T>(call: Call<T>): Promise<T> {
    const process = current();
    const { refusals } = call;
    const kind = this.#faults().hit(call.by ?? process?.label ?? 'cloud', call, this.#timeline.now);
    call.signal?.throwIfAborted();
    const there = () => this.#timeline.pass(this.latency());
    const back = there;
    const die = () => process && kill(this.#timeline, process);
    switch (kind) {
      case 'error-before':
        await there();
        throw refusals.unavailable();
      case 'throttle':
        await there();
        throw refusals.throttled();
      case 'condition-failed':
        await there();
        throw (refusals.condition ?? refusals.unavailable)();
      case 'transaction-conflict':
        await there();
        throw (refusals.conflict ?? refusals.unavailable)();
      case 'death-before':
        die();
        return never();
      case 'death-after':
        await there();
        swallow(call.effect);
        die();
        return never();
      case 'error-after':
        await there();
        await Promise.resolve(call.effect()).catch(() => undefined);
        await back();
        throw (refusals.broken ?? refusals.unavailable)();
      case 'timeout-after':
        await there();
        swallow(call.effect);
        return this.#givenUp(call);
      case 'late':
        this.#timeline.in(call.timeoutMs + (call.wireMs ?? 0) - 100, () => swallow(call.effect));
        return this.#givenUp(call);
      case 'slow':
        // Just in time: meanwhile everybody else goes on.
        await this.#timeline.pass(Math.min(call.timeoutMs, SLOW_MS) * 0.4);
        return this.#answer(call, () => this.#timeline.pass(Math.min(call.timeoutMs, SLOW_MS) * 0.4));
      case 'duplicate':
        await there();
        // The first answer was lost, so it was sent again; the second counts.
        await Promise.resolve()
          .then(call.effect)
          .catch(() => undefined);
        await there();
        break;
      case undefined:
        await there();
    }
    return this.#answer(call, back);
  }

  async #answer<T>(call: Call<T>, back: () => Promise<void>): Promise<T> {
    const work = Promise.resolve().then(call.effect);
    const given = Promise.withResolvers<never>();
    const giveUp = () => given.reject(call.signal?.reason);
    call.signal?.addEventListener('abort', giveUp, { once: true });
    const timer = this.#timeline.in(call.timeoutMs, () => given.reject(call.refusals.timeout()));
    given.promise.catch(() => undefined);
    try {
      const result = await Promise.race([work, given.promise]);
      await back();
      return result;
    } finally {
      timer();
      call.signal?.removeEventListener('abort', giveUp);
    }
  }

  /** No answer comes: the caller's own time runs out, or somebody calls it back. */
  #givenUp<T>(call: Call<T>): Promise<T> {
    return new Promise<T>((_, reject) => {
      this.#timeline.in(call.timeoutMs, () => reject(call.refusals.timeout()));
      const { signal } = call;
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}

function swallow(effect: () => unknown): void {
  Promise.resolve()
    .then(effect)
    .catch(() => undefined);
}
