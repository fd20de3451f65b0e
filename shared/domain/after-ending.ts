import { blockedVersion, contentKeyOf, liftedBy, withBlocked } from './blocked.ts';
import type { Deployment, Health, RolledBack, Slot } from './records.ts';

/** What an environment serves and served, around the end of a deployment. */
export interface Around {
  readonly slot: Slot;
  /** The deployment as it ends. */
  readonly ended: Deployment;
  /** Id of what is live from now on. */
  readonly active: string | undefined;
  /** What was live until now, where that changes. */
  readonly replaced?: Deployment | undefined;
  /** What is live again, where the deployment was switched back. */
  readonly back?: Deployment | undefined;
}

/**
 * What a rollback goes back to by default from now on. Only what succeeded is ever something to go back to, and a
 * rollback takes over what was behind the deployment that it restored: what it left is never the next target.
 */
export function previousGoodAfter({ slot, ended, active, replaced }: Around): string | undefined {
  if (active !== ended.id) return slot.previousGood;
  if (ended.type === 'rollback') return ended.previousGood;
  return replaced?.status === 'succeeded' ? replaced.id : slot.previousGood;
}

/** Pin and blocked versions from now on: success lifts, a switch back blocks. */
export function guardsAfter(
  { slot, ended, active, back }: Around,
  at: string,
): Pick<Slot, 'pin' | 'blocked'> {
  const { pin, blocked } = slot;
  if (ended.status === 'succeeded' && active === ended.id) return liftedBy(slot, ended);
  const entry = wentWrong(ended, back) ? blockedVersion(ended, at, reasonOf(ended)) : undefined;
  return entry === undefined ? { pin, blocked } : { pin, blocked: withBlocked(blocked, entry) };
}

/**
 * How what is served is from now on: well after a success, not where its live checks failed and it stayed live all the
 * same. What was seen of something else says nothing any more.
 */
export function healthAfter({ slot, ended, active }: Around): Health | undefined {
  const known = slot.health?.deploymentId === active ? slot.health : undefined;
  if (active !== ended.id) return known;
  const { id: deploymentId, versionNumber, source, updatedAt: at } = ended;
  const seen = { deploymentId, versionNumber, key: contentKeyOf(source), at };
  if (ended.status === 'succeeded') return { ...seen, state: 'healthy' };
  return failedLiveCheck(ended) ? { ...seen, state: 'unhealthy', reason: reasonOf(ended) } : known;
}

const failedLiveCheck = (ended: Deployment) =>
  ended.status === 'failed' && ended.error.code === 'LIVE_CHECK_FAILED';

/** The same version with other settings is served well: then it is not the version that went wrong. */
export function wentWrong(
  ended: Pick<Deployment, 'releaseState' | 'source'>,
  back: Deployment | undefined,
): boolean {
  if (ended.releaseState !== 'rolled-back') return false;
  return back === undefined || contentKeyOf(back.source) !== contentKeyOf(ended.source);
}

/** What the record of a deployment that was switched back says about that. */
export function switchedBack(ended: Deployment, at: string): RolledBack {
  const { cancelRequested } = ended;
  const by = 'error' in ended || cancelRequested === undefined ? 'slipway' : cancelRequested.by;
  return { at, by, reason: reasonOf(ended), deploymentId: ended.id };
}

/** What the record of the one that a rollback left says about that. */
export function leftBy({ id, rollback }: Deployment, at: string): RolledBack | undefined {
  return rollback && { at, by: rollback.by, reason: rollback.reason, deploymentId: id };
}

function reasonOf(ended: Deployment): string {
  const error = 'error' in ended ? ended.error : undefined;
  // What comes below its first line is the end of a log, which stands there.
  if (error !== undefined) return error.message.split('\n', 1)[0] ?? error.message;
  return ended.cancelRequested?.reason ?? `it ended as ${ended.status}`;
}
