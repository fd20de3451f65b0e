import { createHash } from 'node:crypto';
import { flushAt } from '../../../runner/protocol/flush.ts';
import type { PostAnswer } from '../../../shared/contracts/job-posts.ts';
import type { ArtifactPlace, JobResult } from '../../../shared/contracts/job-results.ts';
import type { ClaimedJob, HookCommand } from '../../../shared/contracts/jobs.ts';
import { zipOf } from '../../support/zip.ts';
import type { Cloud } from './cloud.ts';
import { asNobody, Died, run, waiting } from './process.ts';

const SHA = 'c0ffee'.padEnd(40, '0');
const SITE = await zipOf([{ path: 'index.html', content: '<h1>Hello</h1>' }]);
const ARTIFACT = {
  digest: createHash('sha256').update(SITE).digest('hex'),
  size: SITE.byteLength,
  files: 1,
} as const;
/** An agent looks by itself so often, and so soon after it was told of a job (ms). */
const LOOK_MS = 20_000;
const TOLD_MS = 200;
/** Between tries of a post (ms). */
const RETRY_MS = 2000;
/** A dead agent is started again after this (ms). */
const RESTART_MS = 10_000;

export interface BuildPlan {
  /** How long the work takes (ms). */
  readonly ms: number;
  readonly exitCode: number;
  /** What it prints, and when after its beginning; a few lines where it is not given. */
  readonly output?: readonly Burst[] | undefined;
}

/** Lines that are printed at the same moment. */
export interface Burst {
  readonly afterMs: number;
  readonly lines: readonly string[];
}

/**
 * A runner's agent as the service sees it: looks for work, claims, sends lines and signs of life, uploads, reports;
 * tries again where it gets no answer, and obeys what each answer says. What it does in its workspace is not here.
 */
export class Agent {
  readonly #cloud: Cloud;
  readonly token: string;
  plan: (deploymentId: string) => BuildPlan = () => ({ ms: 20_000, exitCode: 0 });
  /** How the command of a hook goes, whether in a build or by itself. */
  planHook: (name: string, deploymentId: string) => BuildPlan = () => ({ ms: 2000, exitCode: 0 });
  /** Builds and hooks that run now, by deployment: a canceled one must vanish from here. */
  readonly building = new Set<string>();
  /** The job that it has claimed. */
  claimed: ClaimedJob | undefined;
  /** False: the socket that tells of jobs is broken, and only the agent's own looks find them. */
  hears = true;
  #nonces = 0;
  /** How long lines may gather, as the last answer said. */
  #flushMs = 0;
  #wake: (() => void) | undefined;
  stopped = false;

  constructor(cloud: Cloud, token: string) {
    this.#cloud = cloud;
    this.token = token;
    cloud.records.listeners.push(({ key, before }) => {
      if (before === undefined && key.sk.startsWith('JOB#')) asNobody(() => this.#tell());
    });
  }

  start(): void {
    run(this.#cloud.timeline, 'runner', () => this.#work()).catch((error: unknown) => {
      this.building.clear();
      this.claimed = undefined;
      if (!(error instanceof Died)) throw error;
      this.#cloud.timeline.in(RESTART_MS, () => this.start());
    });
  }

  #sleep = (ms: number) => waiting(() => this.#cloud.timeline.pass(ms));

  #tell(): void {
    this.#cloud.timeline.in(TOLD_MS, () => this.hears && this.#wake?.());
  }

  /** Until somebody tells of a job, or it is time to look by itself. */
  #idle(): Promise<void> {
    return waiting(
      () =>
        new Promise((resolve) => {
          const undo = this.#cloud.timeline.in(LOOK_MS, resolve);
          this.#wake = () => {
            undo();
            resolve();
          };
        }),
    );
  }

  async #work(): Promise<void> {
    while (!this.stopped) {
      const job = this.claimed ?? (await this.#claim());
      this.claimed = job;
      if (job === undefined) await this.#idle();
      else if (job.kind === 'build') await this.#build(job);
      else if (job.kind === 'hook') await this.#hooks(job);
      else await this.#resolve(job);
      this.claimed = undefined;
    }
  }

  async #claim(): Promise<ClaimedJob | undefined> {
    this.#nonces += 1;
    const nonce = `nonce-${String(this.#nonces).padStart(16, '0')}`;
    const body = { nonce, kinds: ['build', 'resolve', 'hook'], name: 'laptop' };
    for (let tries = 0; tries < 30; tries += 1) {
      const answer = await this.#post('/v1/runner/claims', body, this.token);
      if (answer?.status === 200) return answer.body as ClaimedJob;
      if (answer !== undefined && answer.status < 500) return undefined;
      await this.#sleep(RETRY_MS);
    }
    return undefined;
  }

  async #build(job: Extract<ClaimedJob, { kind: 'build' }>): Promise<void> {
    this.building.add(job.deploymentId);
    try {
      const since = this.#cloud.timeline.now;
      const { output = [] } = this.plan(job.deploymentId);
      const said = output.length > 0;
      if (!(await this.#lines(job, 0, ['cloning', 'building'], said ? 'clone' : undefined))) return;
      const printed = await this.#prints(job, 2, output);
      if (printed === undefined) return;
      if (!(await this.#works(job, () => this.plan(job.deploymentId).ms, since))) return;
      if (!(await this.#lines(job, printed, ['built'], said ? 'upload' : undefined))) return;
      const { exitCode } = this.plan(job.deploymentId);
      const failed =
        exitCode === 0 ? await this.#runs(job, job.hooks ?? [], printed + 1) : failedBuild(exitCode);
      if (failed === 'over') return;
      if (failed !== undefined) await this.#says(job, 'result', failed);
      else {
        if (!(await this.#store(job))) return;
        await this.#says(job, 'result', built(job.commit, printed + 1));
      }
    } finally {
      this.building.delete(job.deploymentId);
    }
  }

  async #hooks(job: Extract<ClaimedJob, { kind: 'hook' }>): Promise<void> {
    this.building.add(job.deploymentId);
    try {
      const failed = await this.#runs(job, job.hooks, 0);
      const { length: lines } = job.hooks;
      if (failed !== 'over')
        await this.#says(job, 'result', failed ?? { outcome: 'hooked', lines, seconds: 2 });
    } finally {
      this.building.delete(job.deploymentId);
    }
  }

  /** Runs commands; the result of one that fails, `over` where nobody wants it any more. */
  async #runs(
    job: ClaimedJob,
    hooks: readonly HookCommand[],
    offset: number,
  ): Promise<JobResult | 'over' | undefined> {
    for (const [i, { name }] of hooks.entries()) {
      const step = `hook:${name}`;
      const { ms, exitCode } = this.planHook(name, job.deploymentId);
      if (!(await this.#lines(job, offset + i, [`$ ${name}`], step))) return 'over';
      if (!(await this.#works(job, () => ms))) return 'over';
      if (exitCode !== 0) return failedHook(step, exitCode, offset + i + 1);
    }
    return undefined;
  }

  /**
   * Lets time pass with signs of life; false where the job is not wanted any more. How long it takes is asked again
   * each time: what was planned may change while it goes on.
   */
  async #works(job: ClaimedJob, planned: () => number, since = this.#cloud.timeline.now): Promise<boolean> {
    const left = () => since + planned() - this.#cloud.timeline.now;
    while (left() > 0) {
      await this.#sleep(Math.min(job.beatEverySeconds * 1000, left()));
      if (!(await this.#says(job, 'beats', {}))) return false;
    }
    return true;
  }

  /**
   * Posts what the build prints: gathered from the first line on for as long as the last answer allowed, as the runner
   * does it. The answer is the offset behind it; undefined where nobody wants it any more.
   */
  async #prints(job: ClaimedJob, offset: number, output: readonly Burst[]): Promise<number | undefined> {
    const { timeline } = this.#cloud;
    const since = timeline.now;
    const waiting = [...output];
    let next = offset;
    let [sentAt, lastCameAt] = [since, since];
    const steps = ['install', 'build'];
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const cameAt = since + first.afterMs;
      await this.#sleep(Math.max(0, cameAt - timeline.now));
      const pace = { lastSentAt: sentAt, flushMs: this.#flushMs };
      const waits = { lines: 1, bytes: 1, since: cameAt, quietMs: cameAt - lastCameAt };
      await this.#sleep(Math.max(0, flushAt(waits, pace) - timeline.now));
      const due = waiting.filter(({ afterMs }) => since + afterMs <= timeline.now);
      const lines = due.flatMap((burst) => burst.lines);
      sentAt = timeline.now;
      lastCameAt = since + (due.at(-1)?.afterMs ?? 0);
      if (!(await this.#lines(job, next, lines, steps.shift()))) return undefined;
      waiting.splice(0, due.length);
      next += lines.length;
    }
    return next;
  }

  async #resolve(job: Extract<ClaimedJob, { kind: 'resolve' }>): Promise<void> {
    await this.#says(job, 'result', { outcome: 'resolved', lines: 0, commit: { sha: SHA } });
  }

  /** `entered`: the step that the job says to have come to. */
  #lines(job: ClaimedJob, offset: number, messages: readonly string[], entered?: string): Promise<boolean> {
    const at = this.#cloud.timeline.now;
    const step = entered ?? 'build';
    const lines = messages.map((message) => ({ at, level: 'info', step, message }));
    return this.#says(job, 'lines', { offset, lines, ...(entered === undefined ? {} : { step }) });
  }

  /** Posts until it is answered; false where the job is not wanted any more, or nobody answers for too long. */
  async #says(job: ClaimedJob, what: 'lines' | 'beats' | 'result', body: object): Promise<boolean> {
    const since = this.#cloud.timeline.now;
    for (;;) {
      const answer = await this.#post(`/v1/jobs/${job.jobKey}/${what}`, body, job.jobToken);
      if (answer?.status === 200) {
        const { verdict, flushMs } = answer.body as PostAnswer;
        this.#flushMs = flushMs;
        if (verdict === 'cancel' && what !== 'result')
          await this.#post(`/v1/jobs/${job.jobKey}/result`, { outcome: 'canceled', lines: 0 }, job.jobToken);
        return verdict === 'go-on';
      }
      if (answer !== undefined && answer.status < 500) return false;
      if (this.#cloud.timeline.now - since > job.unansweredLimitSeconds * 1000) return false;
      await this.#sleep(RETRY_MS);
    }
  }

  /** Asks for a place for the artifact and puts it there; both may have to be tried again. */
  async #store(job: ClaimedJob): Promise<boolean> {
    const { digest, size, files } = ARTIFACT;
    for (let tries = 0; tries < 20; tries += 1) {
      const path = `/v1/jobs/${job.jobKey}/artifact`;
      const answer = await this.#post(path, { digest, size, files }, job.jobToken);
      if (answer !== undefined && answer.status >= 400 && answer.status < 500) return false;
      if (answer?.status === 200) {
        try {
          await this.#cloud.upload((answer.body as ArtifactPlace).url, SITE);
          return true;
        } catch {
          // Asked for again, and put again.
        }
      }
      await this.#sleep(RETRY_MS);
    }
    return false;
  }

  async #post(path: string, body: object, token: string) {
    try {
      return await this.#cloud.http('POST', path, body, token);
    } catch {
      return undefined;
    }
  }
}

const built = (sha: string, lines: number): JobResult => ({
  outcome: 'built',
  lines,
  artifact: ARTIFACT,
  commit: { sha, message: 'Add a page', author: 'Ann' },
  seconds: 12,
});

const failedBuild = (exitCode: number): JobResult => ({
  outcome: 'failed',
  lines: 3,
  failure: {
    code: 'BUILD_FAILED',
    step: 'build',
    message: `npm run build ended with exit code ${exitCode}.`,
    exitCode,
    retryable: false,
    suggestion: 'Read its last lines.',
  },
});

const failedHook = (step: string, exitCode: number, lines: number): JobResult => ({
  outcome: 'failed',
  lines,
  failure: {
    code: 'HOOK_FAILED',
    step,
    message: `The command of ${step} exited with ${exitCode}.`,
    exitCode,
    retryable: false,
    suggestion: 'Read its last lines.',
  },
});
