import { isCommitId } from './git-ref.ts';
import type { BlockedVersion, Deployment, DeploymentSource, Pin, Slot, TriggerKind } from './records.ts';

/** An environment remembers this many versions that went wrong in it; the oldest is forgotten first. */
export const MAX_BLOCKED = 20;

/** Starts that no person decided on at that moment; only these are refused. */
const AUTOMATIC: ReadonlySet<TriggerKind> = new Set(['webhook', 'schedule', 'automatic']);

export type Guards = Pick<Slot, 'pin' | 'blocked'>;

/**
 * What names the content of a version whatever its number: the commit, or the digest of what was uploaded. Undefined
 * for a branch or a tag that nobody has looked up yet.
 */
export function contentKeyOf({ type, ref, commit }: DeploymentSource): string | undefined {
  if (type === 'upload') return ref;
  return commit?.sha ?? (isCommitId(ref) ? ref.toLowerCase() : undefined);
}

/** A start, as far as it is known: a branch has no commit before the gate has looked it up. */
export interface Attempt {
  readonly source: DeploymentSource;
  /** Absent: the start makes a new version, newer than all. */
  readonly versionNumber?: number | undefined;
  readonly trigger: TriggerKind;
}

export interface BlockVerdict {
  /** Why the start is refused: nobody decided on it, and the environment was told to stay. */
  readonly refused?: string | undefined;
  /** What a person is told, who may start it all the same. */
  readonly warning?: string | undefined;
}

/** May this version be started here, pinned and blocked as the environment is? People always may, and are warned. */
export function blockVerdict({ pin, blocked = [] }: Guards, attempt: Attempt): BlockVerdict {
  const key = contentKeyOf(attempt.source);
  const bad = key === undefined ? undefined : blocked.find((entry) => entry.key === key);
  const words = bad !== undefined ? wordsOfBlocked(bad) : pin && !isNewer(pin, attempt) && wordsOfPin(pin);
  if (!words) return {};
  return AUTOMATIC.has(attempt.trigger) ? { refused: words } : { warning: words };
}

const isNewer = ({ versionNumber }: Pin, attempt: Attempt) =>
  attempt.versionNumber === undefined || attempt.versionNumber > versionNumber;

const wordsOfBlocked = ({ versionNumber, deploymentId, reason }: BlockedVersion) =>
  `version #${versionNumber} is blocked here since ${deploymentId} (${reason})`;

const wordsOfPin = ({ deploymentId, versionNumber, reason }: Pin) =>
  `the environment is pinned by ${deploymentId} (${reason}) until a version newer than #${versionNumber} goes live`;

/** Blocks a version beside those that are blocked; one that is blocked already keeps its newest reason. */
export function withBlocked(
  blocked: readonly BlockedVersion[] = [],
  entry: BlockedVersion,
): BlockedVersion[] {
  return [...blocked.filter(({ key }) => key !== entry.key), entry].slice(-MAX_BLOCKED);
}

/** The version of a deployment as an entry; undefined where it was never known what it is. */
export function blockedVersion(
  { id, source, versionId, versionNumber }: Deployment,
  at: string,
  reason: string,
): BlockedVersion | undefined {
  const key = contentKeyOf(source);
  return key === undefined ? undefined : { key, versionId, versionNumber, deploymentId: id, at, reason };
}

/**
 * What is left of pin and blocks once a deployment has succeeded. A version that went live is not bad any more,
 * and a newer one, not a rollback, lifts what its forerunners left behind.
 */
export function liftedBy(
  guards: Guards,
  { type, source, versionNumber }: Pick<Deployment, 'type' | 'source' | 'versionNumber'>,
): Guards {
  const key = contentKeyOf(source);
  const supersedes = (older: { readonly versionNumber: number }) =>
    type === 'deploy' && versionNumber > older.versionNumber;
  const blocked = (guards.blocked ?? []).filter((entry) => entry.key !== key && !supersedes(entry));
  const wasBlocked = guards.blocked?.some((entry) => entry.key === key) ?? false;
  const { pin } = guards;
  // Somebody chose to put live just what the pin was to keep away.
  const overruled = type === 'deploy' && wasBlocked;
  return {
    pin: pin === undefined || supersedes(pin) || overruled ? undefined : pin,
    blocked: blocked.length === 0 ? undefined : blocked,
  };
}

/**
 * Pin and blocks from the creation of a rollback on: the environment stays on what it goes back to, and the version
 * that is left is blocked, unless it is the one that is brought back (then its settings were what went wrong).
 */
export function guardsOfRollback(
  guards: Guards,
  { rollback, id }: Pick<Deployment, 'id' | 'rollback'>,
  left: Deployment,
  target: Deployment,
): Guards {
  if (rollback === undefined) return guards;
  const { at, by, reason } = rollback;
  const versionNumber = Math.max(left.versionNumber, guards.pin?.versionNumber ?? 0);
  const isSame = contentKeyOf(left.source) === contentKeyOf(target.source);
  const entry = isSame ? undefined : blockedVersion(left, at, reason);
  return {
    pin: { deploymentId: id, at, by, reason, versionNumber },
    blocked: entry === undefined ? guards.blocked : withBlocked(guards.blocked, entry),
  };
}
