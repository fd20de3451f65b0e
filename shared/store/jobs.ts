import { isDeepStrictEqual } from 'node:util';
import type { JobResult } from '../contracts/job-results.ts';
import type { JobKind } from '../contracts/jobs.ts';
import type { Deployment } from '../domain/records.ts';
import { NotFound, Unauthenticated } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deploymentFrom } from './deployment-item.ts';
import { getItem, type Item, putItem, queryPage, updateItem } from './engine.ts';
import type { ClaimedJobRecord, FinishedJobRecord, Job, JobRunner, JobTimeouts } from './job.ts';
import { fromItem, type JobProofs, jobItemKeyOf, toItem } from './job-items.ts';
import { hashOf, matches, TICKET_PREFIX } from './job-proofs.ts';
import { byOffer, deploymentKey, jobKeyOf, waitingJobs } from './keys.ts';
import type { NotedClaim } from './stage-reports.ts';

export interface JobOffer {
  readonly deploymentId: string;
  readonly projectId: string;
  readonly environment: string;
  readonly kind: JobKind;
  /** Counts the attempts of this stage; a round has one job. */
  readonly round: number;
  readonly withHooks?: boolean | undefined;
  readonly runner: JobRunner;
  readonly timeouts: JobTimeouts;
}

export interface Offered {
  readonly job: Job;
  /** One-use claim ticket for the CodeBuild build to start; absent for agents and once the job is not waiting. */
  readonly ticket?: string | undefined;
}

/**
 * Offers a job, once per round. A repeat returns the job as it stands; while a CodeBuild job still waits,
 * the repeat carries a new ticket and the earlier one is void (only its hash was kept), so an earlier build
 * whose start went unanswered ends at its claim instead of building twice.
 */
export async function offerJob(ctx: StoreContext, offer: JobOffer): Promise<Offered> {
  const now = ctx.clock.now();
  const jobKey = jobKeyOf(offer.deploymentId, offer.kind, offer.round);
  const ticket = offer.runner.kind === 'codebuild' ? `${TICKET_PREFIX}${ctx.random.secret(32)}` : undefined;
  const job: Job = {
    ...offer,
    id: `job_${ctx.random.ulid(now)}`,
    jobKey,
    state: 'offered',
    offeredAt: isoTime(now),
    claimDeadline: now + offer.timeouts.claimSeconds * 1000,
  };
  const proofs: JobProofs = {
    tokenSalt: ctx.random.secret(32),
    ticketHash: ticket === undefined ? undefined : hashOf(ticket),
  };
  try {
    await putItem(ctx, { ...toItem(job, proofs), ...waiting(job) }, MUST_NOT_EXIST);
    return { job, ticket };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return offeredAgain(ctx, jobKey, ticket);
  }
}

/** CodeBuild jobs are claimed by key, so only those for agents stand in the index of waiting ones. */
const waiting = (job: Job): Item =>
  job.runner.kind === 'agent' ? { wpk: waitingJobs(job.runner.label), wsk: byOffer(job.offeredAt, job) } : {};

async function offeredAgain(ctx: StoreContext, jobKey: string, ticket: string | undefined): Promise<Offered> {
  if (ticket !== undefined) return withNewTicket(ctx, jobKey, ticket);
  const job = await getJob(ctx, jobKey);
  if (job === undefined) throw noSuchJob(jobKey);
  return { job };
}

async function withNewTicket(ctx: StoreContext, jobKey: string, ticket: string): Promise<Offered> {
  const key = jobItemKeyOf(jobKey);
  if (key === undefined) throw noSuchJob(jobKey);
  try {
    const item = await updateItem(ctx, key, {
      expression: '#state = :offered',
      update: 'SET proofs.ticketHash = :ticketHash',
      names: { '#state': 'state' },
      values: { ':offered': 'offered', ':ticketHash': hashOf(ticket) },
    });
    return { job: fromItem(item).job, ticket };
  } catch (error) {
    if (!(error instanceof ConditionFailed) || error.items[0] === undefined) throw error;
    return { job: fromItem(error.items[0]).job };
  }
}

/** Reads a job strongly; undefined where no such job is (or the key names none). */
export async function getJob(ctx: StoreContext, jobKey: string): Promise<Job | undefined> {
  return (await getJobWithProofs(ctx, jobKey))?.job;
}

export async function getJobWithProofs(ctx: StoreContext, jobKey: string) {
  const key = jobItemKeyOf(jobKey);
  const item = key === undefined ? undefined : await getItem(ctx, key);
  return item === undefined ? undefined : fromItem(item);
}

/** All jobs of a deployment, strongly read: a handful, one query. */
export async function jobsOf(ctx: StoreContext, deploymentId: string): Promise<readonly Job[]> {
  const page = await queryPage(ctx, {
    where: {
      expression: 'pk = :pk AND begins_with(sk, :sk)',
      values: { ':pk': deploymentKey(deploymentId).pk, ':sk': 'JOB#' },
    },
    consistent: true,
  });
  return page.items.map((item) => fromItem(item).job);
}

/**
 * The job that a job token belongs to.
 * @throws Unauthenticated for an unknown job and for a wrong token alike
 */
export async function verifyJobToken(ctx: StoreContext, jobKey: string, token: string): Promise<Job> {
  const found = await getJobWithProofs(ctx, jobKey);
  if (found !== undefined && matches(token, found.proofs.tokenHash)) return found.job;
  throw new Unauthenticated('The job token is not valid for this job.', {
    suggestion: 'Claim a job first and use the token of its answer.',
    facts: { jobKey },
  });
}

/**
 * The same job and its deployment, both as they stood a moment ago: one query over what lies between them, at half the
 * price of two reads. Undefined where it does not show both, or not this token: what lags must send nobody away.
 */
export async function jobWithDeployment(
  ctx: StoreContext,
  jobKey: string,
  token: string,
): Promise<{ readonly job: Job; readonly deployment: Deployment } | undefined> {
  const key = jobItemKeyOf(jobKey);
  if (key === undefined) return undefined;
  const { items } = await queryPage(ctx, {
    where: {
      expression: 'pk = :pk AND sk BETWEEN :from AND :to',
      values: { ':pk': key.pk, ':from': deploymentKey('').sk, ':to': key.sk },
    },
  });
  const [job, deployment] = [key.sk, deploymentKey('').sk].map((sk) =>
    items.find((item) => item['sk'] === sk),
  );
  if (job === undefined || deployment === undefined) return undefined;
  const found = fromItem(job);
  if (!matches(token, found.proofs.tokenHash)) return undefined;
  return { job: found.job, deployment: deploymentFrom(deployment) };
}

/** What the deployment has to know of a claim. A look-up goes on in the time of the gate. */
export const claimNote = ({ kind, jobKey, claim, timeouts }: ClaimedJobRecord): NotedClaim => ({
  runner: claim.by,
  jobKey,
  ...(kind === 'resolve' ? {} : { workSeconds: timeouts.workSeconds }),
});

export type Finish =
  /** This call finished it, or an earlier one did with the same result (`repeated`). */
  | { readonly outcome: 'finished'; readonly job: FinishedJobRecord; readonly repeated: boolean }
  /** Canceled, lost, never claimed, or finished with another result: what stands is what counts. */
  | { readonly outcome: 'gone'; readonly job: Job };

/** Writes a claimed job's result, once. */
export async function finishJob(ctx: StoreContext, jobKey: string, result: JobResult): Promise<Finish> {
  const { moved, job } = await moveJob(ctx, jobKey, { from: ['claimed'], to: 'finished', result });
  if (job.state !== 'finished') return { outcome: 'gone', job };
  if (!moved && !isDeepStrictEqual(job.result, result)) return { outcome: 'gone', job };
  return { outcome: 'finished', job, repeated: !moved };
}

/** Says that nobody wants the job any more; its runner hears so at its next post. Returns the job as it stands. */
export async function cancelJob(ctx: StoreContext, jobKey: string): Promise<Job> {
  return (await moveJob(ctx, jobKey, { from: ['offered', 'claimed'], to: 'canceled' })).job;
}

/** Says that the job's runner was not heard of in time. Returns the job as it stands. */
export async function loseJob(ctx: StoreContext, jobKey: string): Promise<Job> {
  return (await moveJob(ctx, jobKey, { from: ['offered', 'claimed'], to: 'lost' })).job;
}

interface Move {
  readonly from: readonly Job['state'][];
  readonly to: Job['state'];
  readonly result?: JobResult;
}

async function moveJob(ctx: StoreContext, jobKey: string, { from, to, result }: Move) {
  const key = jobItemKeyOf(jobKey);
  if (key === undefined) throw noSuchJob(jobKey);
  const states = Object.fromEntries(from.map((state, i) => [`:from${i}`, state]));
  try {
    const item = await updateItem(ctx, key, {
      expression: `#state IN (${Object.keys(states).join(', ')})`,
      update: `SET #state = :to${result === undefined ? '' : ', #result = :result'} REMOVE wpk, wsk`,
      names: { '#state': 'state', ...(result === undefined ? {} : { '#result': 'result' }) },
      values: { ...states, ':to': to, ':result': result },
    });
    return { moved: true, job: fromItem(item).job };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.items[0] === undefined) throw noSuchJob(jobKey);
    return { moved: false, job: fromItem(error.items[0]).job };
  }
}

const noSuchJob = (jobKey: string) => new NotFound('JOB_NOT_FOUND', `Job ${jobKey}`);
