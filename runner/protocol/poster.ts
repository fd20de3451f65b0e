import * as z from 'zod/mini';
import {
  type BuildJob,
  type JobResult,
  type LinesRequest,
  type PostAnswer,
  postAnswer,
} from '../../shared/contracts/jobs.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { JobStopped } from '../stop.ts';
import { backoffMs } from './backoff.ts';
import { type Answer, callService, Unanswered } from './call.ts';
import { flushAt } from './flush.ts';
import { type Batch, type JobLine, LineQueue } from './queue.ts';

/** The part of a claimed job that posting needs. */
export type PostedJob = Pick<BuildJob, 'jobKey' | 'jobToken' | 'beatEverySeconds' | 'unansweredLimitSeconds'>;

export interface PosterOptions {
  /** Base of the API, with /v1. */
  readonly base: string;
  readonly job: PostedJob;
  readonly clock: Clock;
  readonly random: Random;
  /** Lines that the service already has, after a restart of the runner. */
  readonly offset?: number;
}

type ResultWithoutLines<R = JobResult> = R extends JobResult ? Omit<R, 'lines'> : never;
export type Outcome = ResultWithoutLines;
export type Step = NonNullable<LinesRequest['step']>;

/** Above this much unsent output the child is made to wait; below half of it, it goes on. */
const FULL_BYTES = 2 * 1024 * 1024;
/** A runner that was given up may still have something to say, but not for long. */
const LAST_WORDS_MS = 10_000;
/** A service may ask for more patience than a job has. */
const LONGEST_PAUSE_MS = 10_000;
const MAX_STUCK = 8;
/** A post that hangs must leave time for others before the service counts as silent. */
const POST_TIMEOUT_MS = 12_000;
const POSTS_IN_LIMIT = 3;
/** How often the unanswered limit is looked at. */
const WATCH_MS = 1_000;

const offsetMismatch = z.object({ code: z.literal('OFFSET_MISMATCH'), nextOffset: z.number() });

/** Carries a job's lines, keep-alives and result to the service, in order and exactly once. */
export class Poster {
  readonly #options: PosterOptions;
  readonly #queue: LineQueue;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  readonly #watch: NodeJS.Timeout;
  #wake: () => void = () => {};
  #roomWaiters: (() => void)[] = [];
  #flushMs = 0;
  #lastAnswerAt: number;
  #lastLineAt: number;
  #waitingSince = 0;
  #quietMs = 0;
  #step: Step | undefined;
  #sentStep: Step | undefined;
  #beatNow = false;
  #closing = false;
  /** Batches in a row of which nothing was taken. */
  #stuck = 0;
  /** Nothing more is sent: the service said so, or has been silent too long. */
  #silenced = false;

  constructor(options: PosterOptions) {
    this.#options = options;
    this.#queue = new LineQueue(options.offset);
    this.#lastAnswerAt = options.clock.now();
    // The first line of a job is news.
    this.#lastLineAt = 0;
    this.#watch = setInterval(() => this.#checkSilence(), WATCH_MS);
    // A fault of this program ends the job, not the runner; finish() reports it.
    this.#loop = this.#run();
    this.#loop.catch(() => this.#end('refused'));
  }

  /** Fires with JobStopped as its reason when the service's answers, or their absence, end the job. */
  get signal(): AbortSignal {
    return this.#stop.signal;
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
    if (this.#queue.bytes < FULL_BYTES || this.#silenced) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Names the step that the next lines belong to. */
  enter(step: Step): void {
    this.#step = step;
  }

  /** Asks the service now what to do, because something hinted at a cancel. */
  ask(): void {
    this.#beatNow = true;
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
    clearInterval(this.#watch);
    if (this.#silenced) return false;
    const answer = await this.#send('result', { ...outcome, lines: this.#queue.offset });
    return answer?.status === 200;
  }

  /** Leaves without a result. */
  async abandon(): Promise<void> {
    this.#silence();
    await this.#loop;
    clearInterval(this.#watch);
  }

  async #run(): Promise<void> {
    while (!this.#silenced) {
      if (this.#queue.length === 0 && this.#closing) return;
      const wait = this.#dueAt() - this.#options.clock.now();
      if (wait > 0) await this.#sleep(wait);
      else if (this.#queue.length > 0 && !this.#beatNow) await this.#postBatch(this.#queue.batch());
      else await this.#postBeat();
    }
  }

  #dueAt(): number {
    const beatAt = this.#lastAnswerAt + this.#options.job.beatEverySeconds * 1000;
    if (this.#beatNow || (this.#closing && this.#queue.length > 0)) return 0;
    if (this.#queue.length === 0) return beatAt;
    const waiting = {
      lines: this.#queue.length,
      bytes: this.#queue.bytes,
      since: this.#waitingSince,
      quietMs: this.#quietMs,
    };
    return Math.min(beatAt, flushAt(waiting, { lastAnswerAt: this.#lastAnswerAt, flushMs: this.#flushMs }));
  }

  async #postBatch(batch: Batch): Promise<void> {
    const step = this.#step === this.#sentStep ? undefined : this.#step;
    await this.#send('lines', { ...batch, ...(step === undefined ? {} : { step }) });
    this.#sentStep = step ?? this.#sentStep;
    await this.#checkProgress(batch);
    this.#waitingSince = this.#options.clock.now();
    this.#quietMs = 0;
    if (this.#queue.bytes < FULL_BYTES / 2) this.#letGo();
  }

  /** An answer that takes nothing, again and again, is a service that does not understand this runner. */
  async #checkProgress(batch: Batch): Promise<void> {
    this.#stuck = this.#queue.offset > batch.offset ? 0 : this.#stuck + 1;
    if (this.#stuck > MAX_STUCK) this.#end('refused');
    if (this.#stuck > 0 && !this.#silenced) await this.#pause(this.#stuck);
  }

  async #postBeat(): Promise<void> {
    this.#beatNow = false;
    await this.#send('beats', {});
  }

  /** Sends until there is an answer; undefined where there will be none. */
  async #send(route: 'lines' | 'beats' | 'result', body: unknown): Promise<Answer | undefined> {
    const { base, job, clock } = this.#options;
    const path = `/jobs/${encodeURIComponent(job.jobKey)}/${route}`;
    const timeoutMs = Math.min(
      POST_TIMEOUT_MS,
      Math.ceil((job.unansweredLimitSeconds * 1000) / POSTS_IN_LIMIT),
    );
    for (let failures = 1; !this.#silenced; failures += 1) {
      try {
        const answer = await callService({ base, path, token: job.jobToken, body, timeoutMs });
        this.#lastAnswerAt = clock.now();
        this.#obey(answer, route);
        return answer;
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        this.#checkSilence();
        await this.#pause(failures, error.retryAfterMs);
      }
    }
    return undefined;
  }

  #pause(failures: number, askedMs = 0): Promise<void> {
    const { clock, random } = this.#options;
    return clock.sleep(Math.max(Math.min(askedMs, LONGEST_PAUSE_MS), backoffMs(failures, random.unit())));
  }

  #obey(answer: Answer, route: 'lines' | 'beats' | 'result'): void {
    if (answer.status === 200) {
      const parsed = postAnswer.safeParse(answer.body);
      if (parsed.success) this.#follow(parsed.data, route);
      else this.#end('refused');
      return;
    }
    const mismatch = offsetMismatch.safeParse(answer.body);
    if (mismatch.success && route === 'lines' && this.#queue.acknowledge(mismatch.data.nextOffset)) return;
    this.#end([401, 403, 404, 410].includes(answer.status) ? 'gone' : 'refused');
  }

  #follow(answer: PostAnswer, route: 'lines' | 'beats' | 'result'): void {
    this.#flushMs = answer.flushMs;
    if (answer.verdict === 'gone' && route !== 'result') this.#end('gone');
    else if (route === 'lines' && !this.#queue.acknowledge(answer.nextOffset)) this.#end('refused');
    // Going on after a cancel: the last lines and the result are still wanted.
    else if (answer.verdict === 'cancel') this.#stop.abort(new JobStopped('cancel'));
  }

  #checkSilence(): void {
    const silent = this.#options.clock.now() - this.#lastAnswerAt;
    const limit = this.#options.job.unansweredLimitSeconds * 1000;
    if (silent > limit) this.#stop.abort(new JobStopped('unanswered'));
    if (silent > limit + LAST_WORDS_MS) this.#silence();
  }

  #end(reason: 'gone' | 'refused'): void {
    this.#stop.abort(new JobStopped(reason));
    this.#silence();
  }

  #silence(): void {
    this.#silenced = true;
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
