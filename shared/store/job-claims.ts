import type { JobKind } from '../contracts/jobs.ts';
import { Refused, Unauthenticated } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getItem, transact, type Update, updateItem } from './engine.ts';
import type { ClaimedJobRecord, JobClaim } from './job.ts';
import { fromItem, jobItemKeyOf } from './job-items.ts';
import { deriveJobToken, hashOf, matches } from './job-proofs.ts';
import { getJobWithProofs } from './jobs.ts';
import { claimKey, type Key } from './keys.ts';
import { waitingJobKeys } from './waiting-jobs.ts';

export interface Claimed {
  readonly job: ClaimedJobRecord;
  /** The same for every repeat of the claim. */
  readonly jobToken: string;
}

export interface AgentClaim {
  readonly tokenId: string;
  /** Chosen by the runner for this attempt to get work; a repeat gets the job that it got before. */
  readonly nonce: string;
  /** Shown to people. */
  readonly name: string;
  readonly label: string;
  readonly kinds: readonly JobKind[];
  /** Does the runner's token name this place? */
  serves(place: { readonly projectId: string; readonly environment: string }): boolean;
}

/** How long a nonce is remembered; a runner repeats a claim within seconds. */
const REMEMBER_SECONDS = 60 * 60;

/**
 * Gives an agent the oldest waiting job that it may do; undefined where none is.
 *
 * Claim and memory of the nonce are one transaction: a repeat that overtakes its own first try finds the
 * memory taken and so can never end with a second job.
 */
export async function claimNextJob(ctx: StoreContext, claim: AgentClaim): Promise<Claimed | undefined> {
  const memory = claimKey(claim.tokenId, hashOf(claim.nonce));
  const before = await remembered(ctx, memory, claim.nonce);
  if (before !== 'new') return before;
  for await (const jobKey of waitingJobKeys(ctx, claim)) {
    const claimed = await claimAsAgent(ctx, claim, memory, jobKey);
    if (claimed === 'nonce-used') return ended(await remembered(ctx, memory, claim.nonce));
    if (claimed !== 'taken') return claimed;
  }
  return undefined;
}

const ended = (found: Claimed | 'new' | undefined) => (found === 'new' ? undefined : found);

/** What the nonce got: its job while that is claimed, undefined once it ended, `new` for an unused nonce. */
async function remembered(
  ctx: StoreContext,
  memory: Key,
  nonce: string,
): Promise<Claimed | 'new' | undefined> {
  const item = await getItem(ctx, memory, { table: 'live' });
  const jobKey = item?.['jobKey'];
  if (typeof jobKey !== 'string') return 'new';
  return claimedWith(ctx, jobKey, nonce);
}

async function claimAsAgent(
  ctx: StoreContext,
  claim: AgentClaim,
  memory: Key,
  jobKey: string,
): Promise<Claimed | 'taken' | 'nonce-used'> {
  const found = await getJobWithProofs(ctx, jobKey);
  const key = jobItemKeyOf(jobKey);
  if (key === undefined || found?.job.state !== 'offered' || !claim.serves(found.job)) return 'taken';
  // A runner of before hooks would not understand this build.
  if (found.job.withHooks === true && !claim.kinds.includes('hook')) return 'taken';
  const jobToken = deriveJobToken(found.proofs.tokenSalt, jobKey, claim.nonce);
  const made = { by: claim.name, tokenId: claim.tokenId, at: isoTime(ctx.clock.now()) };
  const expiresAt = Math.floor(ctx.clock.now() / 1000) + REMEMBER_SECONDS;
  try {
    await transact(ctx, [
      { key, update: claimWrite(ctx, made, claim.nonce, jobToken) },
      {
        put: { ...memory, kind: 'claim', v: 1, jobKey, expiresAt },
        table: 'live',
        condition: MUST_NOT_EXIST,
      },
    ]);
    return { job: { ...found.job, state: 'claimed', claim: made }, jobToken };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return error.failed.includes(1) ? 'nonce-used' : 'taken';
  }
}

export interface TicketClaim {
  readonly jobKey: string;
  readonly ticket: string;
  readonly nonce: string;
  readonly name: string;
}

/**
 * Claims exactly the job that a ticket was made for. The first nonce uses the ticket up; its repeat gets
 * the same answer.
 * @throws Unauthenticated for an unknown job or a wrong (or replaced) ticket
 * @throws Refused JOB_GONE where the job was claimed with another nonce, is over, or waited too long
 */
export async function claimJob(ctx: StoreContext, claim: TicketClaim): Promise<Claimed> {
  const found = await getJobWithProofs(ctx, claim.jobKey);
  const key = jobItemKeyOf(claim.jobKey);
  if (key === undefined || found === undefined || !matches(claim.ticket, found.proofs.ticketHash)) {
    throw new Unauthenticated('The claim ticket is not valid for this job.', {
      facts: { jobKey: claim.jobKey },
    });
  }
  const jobToken = deriveJobToken(found.proofs.tokenSalt, claim.jobKey, claim.nonce);
  const made = { by: claim.name, at: isoTime(ctx.clock.now()) };
  const write = claimWrite(ctx, made, claim.nonce, jobToken);
  try {
    const item = await updateItem(ctx, key, {
      ...write,
      expression: `${write.expression} AND proofs.ticketHash = :ticketHash`,
      values: { ...write.values, ':ticketHash': hashOf(claim.ticket) },
    });
    const { job } = fromItem(item);
    if (job.state === 'claimed') return { job, jobToken };
    throw gone(claim.jobKey);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const again = await claimedWith(ctx, claim.jobKey, claim.nonce);
    if (again !== undefined) return again;
    throw gone(claim.jobKey);
  }
}

/** The job as claimed with this nonce, with the token it got then; undefined where it is not claimed so. */
async function claimedWith(ctx: StoreContext, jobKey: string, nonce: string): Promise<Claimed | undefined> {
  const found = await getJobWithProofs(ctx, jobKey);
  if (found?.job.state !== 'claimed' || !matches(nonce, found.proofs.nonceHash)) return undefined;
  return { job: found.job, jobToken: deriveJobToken(found.proofs.tokenSalt, jobKey, nonce) };
}

/** The one write that claims: the job must still be offered, and in time. */
function claimWrite(ctx: StoreContext, made: JobClaim, nonce: string, jobToken: string): Update {
  return {
    expression: '#state = :offered AND claimDeadline > :now',
    update:
      'SET #state = :claimed, claim = :claim, proofs.nonceHash = :nonceHash, proofs.tokenHash = :tokenHash REMOVE wpk, wsk',
    names: { '#state': 'state' },
    values: {
      ':offered': 'offered',
      ':claimed': 'claimed',
      ':now': ctx.clock.now(),
      ':claim': made,
      ':nonceHash': hashOf(nonce),
      ':tokenHash': hashOf(jobToken),
    },
  };
}

const gone = (jobKey: string) =>
  new Refused('JOB_GONE', `Job ${jobKey} is not to be had any more.`, {
    suggestion: 'Nothing is left to do for this job; ask for work again.',
    facts: { jobKey },
  });
