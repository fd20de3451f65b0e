import * as z from 'zod/mini';
import { type PostAnswer, postAnswer } from '../../shared/contracts/job-posts.ts';
import type { BuildJob } from '../../shared/contracts/jobs.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { JobStopped } from '../stop.ts';
import { backoffMs } from './backoff.ts';
import { type Answer, callService, Unanswered } from './call.ts';

/** The part of a claimed job that posting needs. */
export type PostedJob = Pick<BuildJob, 'jobKey' | 'jobToken' | 'beatEverySeconds' | 'unansweredLimitSeconds'>;

export interface LinkOptions {
  /** Base of the API, with /v1. */
  readonly base: string;
  readonly job: PostedJob;
  readonly clock: Clock;
  readonly random: Random;
}

export type PostRoute = 'lines' | 'beats' | 'result';
/** What the service said to a post: it has it, or it goes on from another place. */
export interface Posted {
  readonly taken: boolean;
  readonly nextOffset: number;
}

/** A runner that was given up may still have something to say, but not for long. */
const LAST_WORDS_MS = 10_000;
/** A service may ask for more patience than a job has. */
const LONGEST_PAUSE_MS = 10_000;
/** A post that hangs must leave time for others before the service counts as silent. */
const POST_TIMEOUT_MS = 12_000;
const POSTS_IN_LIMIT = 3;
/** How often the unanswered limit is looked at. */
const WATCH_MS = 1_000;

const offsetMismatch = z.object({ code: z.literal('OFFSET_MISMATCH'), nextOffset: z.number() });

/** The line to the service for one job: repeats what got lost, obeys the answers, notices the silence. */
export class JobLink {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #watch: NodeJS.Timeout;
  #lastAnswerAt: number;
  #lastSentAt: number;
  #flushMs = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#lastAnswerAt = options.clock.now();
    this.#lastSentAt = this.#lastAnswerAt;
    this.#watch = setInterval(() => this.#checkSilence(), WATCH_MS);
  }

  /** Fires with JobStopped as its reason when the service's answers, or their absence, end the job. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Fires when nothing more can be said: the service does not want it, or has been silent too long. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** Moment of the last answer (ms), at first that of the claim's. */
  get lastAnswerAt(): number {
    return this.#lastAnswerAt;
  }

  /** Moment at which the last post went out that was answered (ms), at first that of the claim's answer. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  /** How long the service lets lines gather. */
  get flushMs(): number {
    return this.#flushMs;
  }

  /** Sends until there is an answer; undefined where there will be none. */
  async post(route: PostRoute, body: unknown): Promise<Posted | undefined> {
    const { base, job, clock } = this.#options;
    const path = `/jobs/${encodeURIComponent(job.jobKey)}/${route}`;
    const share = Math.ceil((job.unansweredLimitSeconds * 1000) / POSTS_IN_LIMIT);
    const timeoutMs = Math.min(POST_TIMEOUT_MS, share);
    for (let failures = 1; !this.cut.aborted; failures += 1) {
      const sentAt = clock.now();
      try {
        const answer = await callService({ base, path, token: job.jobToken, body, timeoutMs });
        this.#lastAnswerAt = clock.now();
        this.#lastSentAt = sentAt;
        return this.#read(answer, route);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        this.#checkSilence();
        await this.pause(failures, error.retryAfterMs);
      }
    }
    return undefined;
  }

  /** Waits before the next try; see backoffMs. */
  pause(failures: number, askedMs = 0): Promise<void> {
    const { clock, random } = this.#options;
    return clock.sleep(Math.max(Math.min(askedMs, LONGEST_PAUSE_MS), backoffMs(failures, random.unit())));
  }

  /** Ends the job and everything that would still be said about it. */
  end(reason: 'gone' | 'refused'): void {
    this.#stop.abort(new JobStopped(reason));
    this.close();
  }

  close(): void {
    clearInterval(this.#watch);
    this.#cut.abort();
  }

  #read(answer: Answer, route: PostRoute): Posted | undefined {
    const parsed = postAnswer.safeParse(answer.body);
    if (answer.status === 200 && parsed.success) return this.#obey(parsed.data, route);
    const mismatch = offsetMismatch.safeParse(answer.body);
    if (answer.status !== 200 && mismatch.success && route === 'lines') {
      return { taken: false, nextOffset: mismatch.data.nextOffset };
    }
    this.end([401, 403, 404, 410].includes(answer.status) ? 'gone' : 'refused');
    return undefined;
  }

  #obey(answer: PostAnswer, route: PostRoute): Posted | undefined {
    this.#flushMs = answer.flushMs;
    if (answer.verdict === 'gone' && route !== 'result') {
      this.end('gone');
      return undefined;
    }
    // The last lines and the result of a canceled job are still wanted.
    if (answer.verdict === 'cancel') this.#stop.abort(new JobStopped('cancel'));
    return { taken: true, nextOffset: answer.nextOffset };
  }

  #checkSilence(): void {
    const silent = this.#options.clock.now() - this.#lastAnswerAt;
    const limit = this.#options.job.unansweredLimitSeconds * 1000;
    if (silent > limit) this.#stop.abort(new JobStopped('unanswered'));
    if (silent > limit + LAST_WORDS_MS) this.close();
  }
}
