import { mustBeAnnounced } from '../domain/announcements.ts';
import { addCost, type Units } from '../domain/cost.ts';
import { advance } from '../domain/progress.ts';
import type { Deployment, DeploymentBase } from '../domain/records.ts';
import { isTerminal, mayFollow, type OpenStatus } from '../domain/status.ts';
import { deploymentNotFound } from '../errors/not-found.ts';
import { InternalError, PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { putInPurse, spentOn } from '../platform/account.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { deploymentFrom, deploymentUpdate } from './deployment-item.ts';
import { getItem, getItems, type Update, updateItem } from './engine.ts';
import { deploymentKey } from './keys.ts';
import { INDEX } from './tables.ts';

/** What nobody changes once the deployment is there, or what the store itself counts. */
type Fixed =
  | 'id'
  | 'projectId'
  | 'environment'
  | 'type'
  | 'createdAt'
  | 'message'
  | 'updatedAt'
  | 'revision'
  | 'published';

/** Changes of a deployment. A terminal status is written by the settlement alone (settlement.ts). */
export type DeploymentChanges = Partial<Omit<DeploymentBase, Fixed>> & { readonly status?: OpenStatus };

/** What may still change once a deployment has ended: its log's closing, what is live and how, what it cost. */
const AFTER_THE_END = new Set([
  'closing',
  'purges',
  'archive',
  'releaseState',
  'rolledBack',
  'cost',
  'draining',
  'calls',
  'undo',
  'slotReleased',
]);

/** A change that keeps losing against others is given up after this many tries: more than ever write at once. */
const ATTEMPTS = 30;

/** Reads a deployment, strongly unless told otherwise; undefined where there is none. */
export async function getDeployment(
  ctx: StoreContext,
  id: string,
  options: { readonly consistent?: boolean } = {},
): Promise<Deployment | undefined> {
  const item = await getItem(ctx, deploymentKey(id), options);
  if (item === undefined) return undefined;
  const deployment = deploymentFrom(item);
  ctx.noticed?.(deployment);
  return deployment;
}

/** Several at once (100), by id, in one call; strongly where that is asked for. Those that are gone are left out. */
export async function getDeployments(
  ctx: StoreContext,
  ids: readonly string[],
  options: { readonly consistent?: boolean } = {},
): Promise<ReadonlyMap<string, Deployment>> {
  const items = await getItems(ctx, ids.map(deploymentKey), options);
  return new Map(items.map(deploymentFrom).map((deployment) => [deployment.id, deployment]));
}

/** Like getDeployment, raising NotFound. */
export async function requireDeployment(ctx: StoreContext, id: string): Promise<Deployment> {
  const deployment = await getDeployment(ctx, id);
  if (deployment === undefined) throw deploymentNotFound(id);
  return deployment;
}

/** The record as it will stand after the changes; refuses what the transition table refuses. */
export function changed(deployment: Deployment, changes: DeploymentChanges, now: number): Deployment {
  if (changes.status !== undefined && !mayFollow(deployment.status, changes.status)) {
    throw new InternalError(
      `Deployment ${deployment.id} cannot go from ${deployment.status} to ${changes.status}.`,
    );
  }
  if (isTerminal(deployment.status)) {
    const late = Object.keys(changes).filter((name) => !AFTER_THE_END.has(name));
    if (late.length > 0) {
      throw new InternalError(
        `Deployment ${deployment.id} has ended; ${late.join(', ')} cannot change any more.`,
      );
    }
  }
  const progress = advance(deployment.progress, changes.progress ?? 0);
  const next = {
    ...deployment,
    ...changes,
    progress,
    updatedAt: isoTime(now),
    revision: deployment.revision + 1,
    // The union is kept: `changes` can only hold an open status, and only where the old one was open too.
  } as Deployment;
  const hadAll = deployment.published >= deployment.revision;
  // The relay tells viewers of it all the same, and saves itself the note that it did.
  return hadAll && !mustBeAnnounced(deployment, next) ? { ...next, published: next.revision } : next;
}

/**
 * One conditional write on the revision as read; raises it by one and keeps list row and index attributes true.
 * Raises ConditionFailed where somebody else was first: use `changeWith` unless that means something.
 */
export async function changeDeployment(
  ctx: StoreContext,
  deployment: Deployment,
  changes: DeploymentChanges,
): Promise<Deployment> {
  const units = spentOn(deployment.id);
  const next = changed(deployment, withUnits(deployment, changes, units), ctx.clock.now());
  try {
    const update = deploymentUpdate(deployment, next);
    await updateItem(ctx, deploymentKey(next.id), update);
    return next;
  } catch (error) {
    putInPurse(deployment.id, units);
    throw error;
  }
}

/** The changes with what was spent added to the cost, so that counting needs no write of its own. */
export function withUnits(
  deployment: Deployment,
  changes: DeploymentChanges,
  units: Units,
): DeploymentChanges {
  if (Object.keys(units).length === 0) return changes;
  return { ...changes, cost: addCost(changes.cost ?? deployment.cost, units) };
}

/**
 * Reads the deployment strongly, asks what to change, and writes; a lost race reads and asks again.
 * `decide` answers undefined for "nothing to do" and may throw to refuse. Returns the record as it then stands.
 */
export async function changeWith(
  ctx: StoreContext,
  id: string,
  decide: (current: Deployment) => DeploymentChanges | undefined,
): Promise<Deployment> {
  for (let attempt = 1; ; attempt += 1) {
    const current = await requireDeployment(ctx, id);
    const changes = decide(current);
    if (changes === undefined) return current;
    try {
      return await changeDeployment(ctx, current, changes);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (attempt >= ATTEMPTS) {
        throw new PlatformUnavailable(`Deployment ${id} is being changed by too many at once.`, {
          cause: error,
        });
      }
      await ctx.clock.sleep(Math.min(10 * attempt, 100) * (0.5 + ctx.random.unit()));
    }
  }
}

/**
 * Notes that what happened after revision `since` up to `revision` was announced. The one write that does not raise
 * the revision: it says something about the announcements, and announcing it would never end. Where something
 * before `since` was not announced, nothing is noted, so that the sweep finds it.
 */
export async function markPublished(
  ctx: StoreContext,
  id: string,
  since: number,
  revision: number,
): Promise<void> {
  const names = { '#published': 'published' };
  const values = { ':revision': revision, ':since': since };
  const contiguous = '#published >= :since AND #published < :revision';
  const noted = await updated(ctx, id, {
    update: `SET #published = :revision REMOVE ${INDEX.unpublished.partition}, ${INDEX.unpublished.sort}`,
    expression: `#revision = :revision AND ${contiguous}`,
    names: { ...names, '#revision': 'revision' },
    values,
  });
  // A newer revision is there and stays in the index of those that are to be announced.
  if (!noted)
    await updated(ctx, id, { update: 'SET #published = :revision', expression: contiguous, names, values });
}

async function updated(ctx: StoreContext, id: string, update: Update): Promise<boolean> {
  try {
    await updateItem(ctx, deploymentKey(id), update);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return false;
  }
}
