import {
  type Admission,
  decideAdmission,
  drawTicket,
  inOrder,
  MAX_WAITING,
  type Place,
  placeIn,
} from '../domain/admission.ts';
import type { Deployment, Environment, OpenDeployment, Project, Slot } from '../domain/records.ts';
import { Conflict, PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { chargeTo } from '../platform/account.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deploymentItem } from './deployment-item.ts';
import { transact, type Write } from './engine.ts';
import { environmentStands } from './environments.ts';
import { joinLine, waiterOf } from './line.ts';
import { rewriteSlot, type SlotWithLine, slotWithLine, takenBy } from './slot.ts';
import { countStart, tooManyStarts } from './start-rate.ts';
import { cancelSuperseded } from './supersede.ts';

/** More than a request has time for. */
const ATTEMPTS = 40;
/**
 * Starts that keep losing against each other spread over this time (ms): each that is created makes all the others
 * read again, so thirty at once are done sooner the less often they try.
 */
const SPREAD_MS = 3000;

/** What a record begins with, whatever it is of. */
export interface Beginning {
  readonly id: string;
  readonly createdAt: string;
  /** 0 where it does not own the slot from its creation on. */
  readonly fence: number;
  /** As read: what is live, pinned and blocked. */
  readonly slot: Slot;
}

export interface Created {
  readonly deployment: OpenDeployment;
  /** Where it stands in line; absent where it does not wait for the slot. */
  readonly place?: Place | undefined;
}

/** A deployment that is to be, planned on the records as they stood. */
export interface CreationPlan {
  readonly project: Project;
  readonly environment: Environment;
  readonly type: Deployment['type'];
  /** What it waits for before it wants the slot: people who have to agree, or its moment. */
  readonly waitsFor?: 'people' | 'time' | undefined;
  /** Makes the record. May raise what speaks against it. */
  readonly make: (beginning: Beginning) => OpenDeployment;
  /** What else comes into being or has to stand; where one of these fails, everything is planned again. */
  readonly withIt: readonly Write[];
  /** What must not be there twice (the kept first answer): where one of these fails, ConditionFailed is raised. */
  readonly alsoWrite?: ((created: Created) => readonly Write[]) | undefined;
  /** The slot and line that the plan rests on; absent: any. */
  readonly found?: SlotWithLine | undefined;
  /** What becomes of the slot besides: a rollback pins and blocks. */
  readonly guarding?:
    | ((deployment: OpenDeployment, slot: Slot) => Partial<Pick<Slot, 'pin' | 'blocked'>>)
    | undefined;
}

/**
 * Creates a deployment in one transaction with what becomes of it: it takes the free slot, joins the line, or waits
 * outside (rules 3 and 10). A lost race plans again.
 * @throws Conflict ALREADY_RUNNING where the environment refuses it, RateLimited, and what the plan raises
 */
export async function createFrom(ctx: StoreContext, plan: () => Promise<CreationPlan>): Promise<Created> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const planned = await plan();
    const created = await tryToCreate(ctx, planned);
    if (created !== undefined) {
      chargeTo(created.deployment.id);
      // Its own gate does it again, so nothing depends on this one.
      if (planned.environment.concurrency === 'supersede') {
        await cancelSuperseded(ctx, created.deployment).catch(() => undefined);
      }
      return created;
    }
    await ctx.clock.sleep(Math.min(25 * 2 ** attempt, SPREAD_MS) * ctx.random.unit());
  }
  throw new PlatformUnavailable('Too many deployments are being started there at once.');
}

/** Undefined where what it was decided on has changed. */
async function tryToCreate(ctx: StoreContext, plan: CreationPlan): Promise<Created | undefined> {
  const { project, environment, type, waitsFor } = plan;
  const { concurrency } = environment;
  const found = plan.found ?? (await slotWithLine(ctx, project.id, environment.name));
  const { slot, line } = found;
  const waitsOutside = waitsFor !== undefined;
  const admission = decideAdmission({ concurrency, slot, line, type, waitsOutside });
  if (admission.kind === 'reject') throw refused(admission, environment.name);
  const { created, next } = begun(ctx, plan, found, admission);
  const { deployment } = created;
  const once = plan.alsoWrite?.(created) ?? [];
  const counted = type === 'deploy' ? [countStart(ctx, project.id, project.settings)] : [];
  const withIt = [
    ...plan.withIt,
    environmentStands(project.id, environment.name),
    ...(admission.kind === 'join'
      ? [joinLine(waiterOf(deployment, deployment.ticket ?? 0, deployment.createdAt))]
      : []),
  ];
  try {
    const taken = { ...next, ...plan.guarding?.(deployment, slot) };
    await createDeployment(ctx, { deployment, free: slot, taken }, [...withIt, ...once, ...counted]);
    return created;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const [first, end] = [OWN_WRITES + withIt.length, OWN_WRITES + withIt.length + once.length];
    if (error.failed.some((index) => index >= first && index < end)) throw error;
    if (error.failed.every((index) => index >= end)) throw tooManyStarts(ctx, project.settings);
    return undefined;
  }
}

/** The record as it begins, where it stands, and the slot as it is from then on. */
function begun(
  ctx: StoreContext,
  { environment, type, waitsFor, make }: CreationPlan,
  { slot, line }: SlotWithLine,
  { kind }: Admission,
): { created: Created; next: Slot } {
  const now = ctx.clock.now();
  const id = `dep_${ctx.random.ulid(now)}`;
  const createdAt = isoTime(now);
  // What waits for its moment gets its number when that has come.
  const numbered = waitsFor === 'time' ? undefined : drawTicket(slot, { id, type }, environment.concurrency);
  const drawn = numbered?.slot ?? slot;
  // Whoever writes the slot raises `line`, whatever for: others rest their decisions on it.
  const next = kind === 'take' ? takenBy(drawn, id, createdAt, type) : { ...drawn, line: drawn.line + 1 };
  const made = {
    ...make({ id, createdAt, fence: kind === 'take' ? next.fence : 0, slot }),
    ...(numbered === undefined ? {} : { ticket: numbered.ticket }),
  };
  if (kind !== 'join') return { created: { deployment: made }, next };
  const deployment: OpenDeployment = { ...made, status: 'queued' };
  const withIt = [...line, waiterOf(deployment, numbered?.ticket ?? 0, createdAt)].sort(inOrder);
  return { created: { deployment, place: placeIn(next, withIt, id) }, next };
}

/** Writes of `createDeployment` itself, before those that come with it. */
const OWN_WRITES = 2;

/**
 * The transaction that creates a deployment and moves the slot on with it, with whatever has to come into being with
 * it (a new version, the answer of an Idempotency-Key) or still be there. All or nothing.
 * @throws ConditionFailed where the slot, the version number or the key was taken meanwhile
 */
export async function createDeployment(
  ctx: StoreContext,
  creation: { readonly deployment: Deployment; readonly free: Slot; readonly taken: Slot },
  withIt: readonly Write[],
): Promise<void> {
  await transact(ctx, [
    { put: deploymentItem(creation.deployment), condition: MUST_NOT_EXIST },
    rewriteSlot(creation.free, creation.taken),
    ...withIt,
  ]);
}

const refused = ({ owner }: Extract<Admission, { kind: 'reject' }>, environment: string) =>
  owner === undefined
    ? new Conflict('ALREADY_RUNNING', `${MAX_WAITING} deployments wait for ${environment} already.`, {
        suggestion: 'Cancel what is not wanted any more, or wait until some have ended, then start again.',
        retryable: true,
        facts: { environment },
      })
    : new Conflict('ALREADY_RUNNING', `Deployment ${owner} is changing the environment ${environment}.`, {
        suggestion: `Wait for the end of ${owner}, then start again.`,
        retryable: true,
        facts: { deploymentId: owner, environment },
      });
