import { type ClaimedJob, type ClaimRequest, claimedJob, JOB_KINDS } from '../../shared/contracts/jobs.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { backoffMs } from './backoff.ts';
import { callService, Unanswered } from './call.ts';
import { misunderstood, refusalOf } from './refusals.ts';

export interface Claim {
  readonly base: string;
  /** Runner token, or the claim ticket of one job. */
  readonly token: string;
  readonly jobKey?: string | undefined;
  readonly label?: string | undefined;
  /** Shown to people. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** How long an unreachable service is asked again before this attempt to get work is given up. */
  readonly patienceMs: number;
}

const NONCE_BYTES = 18;

/**
 * Asks for work. Every repetition carries the same nonce, so that a job whose answer got lost is not lost.
 * @returns undefined where there is nothing to do
 * @throws Unauthenticated, PermissionDenied; Unanswered after `patienceMs`; InternalError for an answer that
 *   this runner does not understand
 */
export async function claimJob(claim: Claim): Promise<ClaimedJob | undefined> {
  const body: ClaimRequest = {
    nonce: claim.random.secret(NONCE_BYTES),
    kinds: [...JOB_KINDS],
    name: claim.name.slice(0, 100),
    ...(claim.jobKey === undefined ? {} : { jobKey: claim.jobKey }),
    ...(claim.label === undefined ? {} : { label: claim.label }),
  };
  const giveUpAt = claim.clock.now() + claim.patienceMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask(claim, body);
    } catch (error) {
      if (!(error instanceof Unanswered) || claim.clock.now() >= giveUpAt) throw error;
      await claim.clock.sleep(backoffMs(failures, claim.random.unit()), claim.signal);
    }
  }
}

async function ask(claim: Claim, body: ClaimRequest): Promise<ClaimedJob | undefined> {
  const { base, token, signal } = claim;
  const answer = await callService({ base, path: '/runner/claims', token, body, signal });
  switch (answer.status) {
    case 204:
    // The deployment ended between the offer and this claim.
    case 410:
      return undefined;
    case 200: {
      const job = claimedJob.safeParse(answer.body);
      if (job.success) return job.data;
      throw misunderstood('a claim', `a job that this runner does not understand (${fieldsOf(job.error)})`);
    }
    default:
      throw refusalOf(answer, 'a claim');
  }
}

/** Names of fields only: their values may be secrets. */
function fieldsOf(error: { issues: readonly { path: readonly PropertyKey[] }[] }): string {
  return error.issues.map((issue) => issue.path.map(String).join('.') || 'the whole').join(', ');
}
