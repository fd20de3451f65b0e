import * as z from 'zod/mini';
import type { PostAnswer } from '../../shared/contracts/job-posts.ts';
import { flushMs } from '../../shared/domain/flush.ts';
import { chargeTo } from '../../shared/platform/account.ts';
import type { Log } from '../../shared/platform/logger.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { producerOf } from '../../shared/store/keys.ts';
import { readTail } from '../../shared/store/log-chain.ts';
import { bearerOf } from '../http/auth.ts';
import { ok } from '../http/reply.ts';
import type { Reply } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';
import type { JobNotes, KnownJob } from './job-memory.ts';

/** The path of every route here. Whether there is such a job, and what it is, its token decides. */
export const jobPath = z.strictObject({ jobKey: z.string().check(z.maxLength(120)) });

interface PostCall {
  readonly params: z.output<typeof jobPath>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly deps: IngestDeps;
  readonly log: Log;
}

/** A post of a runner whose token was found good. */
export interface Visit extends KnownJob {
  readonly deps: IngestDeps;
  readonly store: StoreContext;
  readonly notes: JobNotes;
  readonly log: Log;
  /** The job as a producer of lines in its deployment's log. */
  readonly producer: string;
}

/** `fresh`: the job is looked at now, not as it was some seconds ago. */
export async function visit(call: PostCall, fresh: boolean): Promise<Visit> {
  const { deps, params } = call;
  // Nothing is noted, nor anything older forgotten, for a key that nobody has proved to be a job's.
  const known = await deps.jobs.look(deps.store, params.jobKey, bearerOf(call.headers), fresh);
  chargeTo(known.job.deploymentId);
  const notes = deps.jobs.notes(deps.store, params.jobKey);
  const { store } = deps;
  const { deploymentId, projectId, jobKey } = known.job;
  const log = call.log.with({ deploymentId, projectId });
  return { ...known, deps, store, notes, log, producer: producerOf(jobKey) };
}

export function answer(from: Visit, verdict: PostAnswer['verdict'], nextOffset: number): Reply {
  const body: PostAnswer = { verdict, nextOffset, flushMs: flushMs(from.notes.viewers) };
  return ok(body);
}

/** The offset at which the job goes on, as far as this process knows, else as it is stored. */
export async function nextOffset(from: Visit): Promise<number> {
  return (await tailOf(from)).offsets[from.producer] ?? 0;
}

/** Do the lines of the job end inside a private key? */
export async function endsInsideKey(from: Visit): Promise<boolean> {
  return ((await tailOf(from)).keys[from.producer] ?? 0) > 0;
}

const tailOf = async ({ deps, store, job }: Visit) =>
  deps.tails.get(job.deploymentId) ?? (await readTail(store, job.deploymentId));
