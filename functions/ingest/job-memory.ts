import { createHash } from 'node:crypto';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { BoundedMap } from '../../shared/platform/bounded-map.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import type { Job } from '../../shared/store/job.ts';
import { jobWithDeployment, verifyJobToken } from '../../shared/store/jobs.ts';

/** A job and what its runner has to do now, as they were read at most `FRESH_MS` ago. */
export interface KnownJob {
  readonly job: Job;
  readonly verdict: 'go-on' | 'cancel' | 'gone';
}

interface Remembered extends KnownJob {
  readonly proof: string;
  readonly readAt: number;
}

/** What one process keeps of a job from request to request. Losing it costs reads, nothing else. */
export interface JobNotes {
  /** Viewers at the last look. */
  viewers: number;
  /** Lines did not get through, and the deployment's log says so. */
  broken?: boolean;
  /** When this process last wrote the job's heartbeat, and when it last told the machine (ms). */
  beatAt: number;
  machineAt: number;
}

/** A batch of lines may go by what was true this long ago; a keep-alive or a result asks again. */
const FRESH_MS = 10_000;
const MOST_JOBS = 200;

export class JobMemory {
  readonly #known = new BoundedMap<string, Remembered>(MOST_JOBS);
  readonly #notes = new BoundedMap<string, JobNotes>(MOST_JOBS);

  /**
   * The job that the token opens, and the verdict on it.
   * @throws Unauthenticated for an unknown job and for a wrong token alike
   */
  async look(ctx: StoreContext, jobKey: string, token: string, fresh: boolean): Promise<KnownJob> {
    const now = ctx.clock.now();
    const proof = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(jobKey);
    if (!fresh && known !== undefined && known.proof === proof && now - known.readAt < FRESH_MS) return known;
    // What was known some seconds ago may be told of as it stood a moment ago, at half the price.
    const isKnown = !fresh && known?.proof === proof;
    const looked =
      (isKnown ? await jobWithDeployment(ctx, jobKey, token) : undefined) ??
      (await lookedAt(ctx, await verifyJobToken(ctx, jobKey, token)));
    const verdict = verdictOn(looked.job, looked.deployment);
    const found: Remembered = { job: looked.job, verdict, proof, readAt: now };
    this.#known.set(jobKey, found);
    return found;
  }

  notes(ctx: StoreContext, jobKey: string): JobNotes {
    const found = this.#notes.get(jobKey);
    if (found !== undefined) return found;
    const notes: JobNotes = {
      viewers: 0,
      beatAt: Number.NEGATIVE_INFINITY,
      // The machine's timer began not long before this process first heard of the job, or another one tells it.
      machineAt: ctx.clock.now(),
    };
    this.#notes.set(jobKey, notes);
    return notes;
  }
}

/**
 * Finished or lost: nobody listens any more. Not wanted, or its deployment is ending: the runner stops,
 * and its last lines are still welcome as long as the log is open.
 */
function verdictOn(job: Job, deployment: Deployment | undefined): KnownJob['verdict'] {
  if (job.state !== 'claimed') return job.state === 'canceled' ? 'cancel' : 'gone';
  if (deployment === undefined || isTerminal(deployment.status)) return 'gone';
  const ending = deployment.cancelRequested !== undefined || deployment.settling !== undefined;
  return ending ? 'cancel' : 'go-on';
}

/** Only of a job at work the deployment has a say. */
const lookedAt = async (ctx: StoreContext, job: Job) => ({
  job,
  deployment: job.state === 'claimed' ? await getDeployment(ctx, job.deploymentId) : undefined,
});
