import type { LinesRequest } from '../../shared/contracts/job-posts.ts';
import type { JobResult } from '../../shared/contracts/job-results.ts';
import { flushAt } from './flush.ts';
import { JobLink, type LinkOptions } from './link.ts';
import { type JobLine, LineQueue } from './queue.ts';

export interface PosterOptions extends LinkOptions {
  /** Lines that the service already has. */
  readonly offset?: number;
}

type WithoutLines<R = JobResult> = R extends JobResult ? Omit<R, 'lines'> : never;
/** A result before the lines are counted. */
export type Outcome = WithoutLines;
export type Step = NonNullable<LinesRequest['step']>;

/** Above this much unsent output the child is made to wait; below half of it, it goes on. */
const FULL_BYTES = 2 * 1024 * 1024;
/** An answer that takes nothing, this many times in a row, is a service that does not understand this runner. */
const MAX_STUCK = 8;

/** Carries a job's lines, keep-alives and result to the service, in order and exactly once. */
export class Poster {
  readonly #options: PosterOptions;
  readonly #link: JobLink;
  readonly #queue: LineQueue;
  readonly #loop: Promise<void>;
  #wake: () => void = () => {};
  #roomWaiters: (() => void)[] = [];
  /** When the last line came; never, so that the first one is news. */
  #lastLineAt = 0;
  #waitingSince = 0;
  #quietMs = 0;
  #step: Step | undefined;
  #sentStep: Step | undefined;
  #askNow = false;
  #closing = false;
  #stuck = 0;

  constructor(options: PosterOptions) {
    this.#options = options;
    this.#link = new JobLink(options);
    this.#queue = new LineQueue(options.offset);
    this.#link.cut.addEventListener('abort', () => this.#giveUp(), { once: true });
    // A fault of this program ends the job, not the runner; finish() reports it.
    this.#loop = this.#run();
    this.#loop.catch(() => this.#link.end('refused'));
  }

  /** Fires with JobStopped as its reason when the service's answers, or their absence, end the job. */
  get signal(): AbortSignal {
    return this.#link.stopped;
  }

  add(line: JobLine): void {
    const now = this.#options.clock.now();
    if (this.#queue.length === 0) {
      this.#waitingSince = now;
      this.#quietMs = now - this.#lastLineAt;
    }
    this.#lastLineAt = now;
    this.#queue.add(line);
    this.#wake();
  }

  /** Undefined while there is room for more lines, else a promise of room. */
  room(): Promise<void> | undefined {
    if (this.#queue.bytes < FULL_BYTES || this.#link.cut.aborted) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Names the step that the next lines belong to. */
  enter(step: Step): void {
    this.#step = step;
  }

  /** Asks the service now what to do, because something hinted at a cancel. */
  ask(): void {
    this.#askNow = true;
    this.#wake();
  }

  /**
   * Sends what is left and then the result.
   * @returns whether the service has it
   */
  async finish(outcome: Outcome): Promise<boolean> {
    this.#closing = true;
    this.#wake();
    await this.#loop;
    const posted = await this.#link.post('result', { ...outcome, lines: this.#queue.offset });
    this.#link.close();
    return posted?.taken === true;
  }

  /** Leaves without a result. */
  async abandon(): Promise<void> {
    this.#link.close();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#link.cut.aborted) {
      if (this.#queue.length === 0 && this.#closing) return;
      const wait = this.#dueAt() - this.#options.clock.now();
      if (wait > 0) await this.#sleep(wait);
      else if (this.#queue.length > 0 && !this.#askNow) await this.#postBatch();
      else await this.#postBeat();
    }
  }

  #dueAt(): number {
    const { lastAnswerAt, lastSentAt, flushMs } = this.#link;
    const beatAt = lastAnswerAt + this.#options.job.beatEverySeconds * 1000;
    if (this.#askNow || (this.#closing && this.#queue.length > 0)) return 0;
    if (this.#queue.length === 0) return beatAt;
    const { length: lines, bytes } = this.#queue;
    const waiting = { lines, bytes, since: this.#waitingSince, quietMs: this.#quietMs };
    return Math.min(beatAt, flushAt(waiting, { lastSentAt, flushMs }));
  }

  async #postBatch(): Promise<void> {
    const batch = this.#queue.batch();
    const step = this.#step === this.#sentStep ? undefined : this.#step;
    const posted = await this.#link.post('lines', { ...batch, ...(step === undefined ? {} : { step }) });
    if (posted === undefined) return;
    if (!this.#queue.acknowledge(posted.nextOffset)) this.#link.end('refused');
    if (posted.taken) this.#sentStep = step ?? this.#sentStep;
    this.#waitingSince = this.#options.clock.now();
    this.#quietMs = 0;
    if (this.#queue.bytes < FULL_BYTES / 2) this.#letGo();
    await this.#checkProgress(batch.offset);
  }

  async #checkProgress(before: number): Promise<void> {
    this.#stuck = this.#queue.offset > before ? 0 : this.#stuck + 1;
    if (this.#stuck > MAX_STUCK) this.#link.end('refused');
    else if (this.#stuck > 0) await this.#link.pause(this.#stuck);
  }

  async #postBeat(): Promise<void> {
    this.#askNow = false;
    await this.#link.post('beats', {});
  }

  #giveUp(): void {
    this.#letGo();
    this.#wake();
  }

  #letGo(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  /** Waits, but not past the next thing to do. */
  #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    return promise.finally(() => {
      clearTimeout(timer);
      this.#wake = () => {};
    });
  }
}
