import type { DeploymentErrorCode } from '../errors/codes.ts';

// What people and rules have decided about a deployment, as its record says it.

/** The wish that a deployment ends. The first one counts; nothing takes it back. */
export interface CancelRequest {
  readonly at: string;
  /** Who wished it: a subject, or `slipway` for a rule. */
  readonly by: string;
  readonly reason?: string | undefined;
  /** The rule that wished it; absent where a person did. */
  readonly code?: CancelCode | undefined;
}
export type CancelCode = Extract<DeploymentErrorCode, 'SUPERSEDED' | 'REJECTED' | 'EXPIRED' | 'MISSED'>;

/** What a deployment of type rollback goes back from and to; fixed when it is created. */
export interface Rollback {
  /** The one that was live and is left. */
  readonly ofDeploymentId: string;
  /** The one whose artifact, configuration, parameters and variable revisions are restored. */
  readonly targetDeploymentId: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** Begun by a rule (an alarm, say), not by a person. */
  readonly automatic: boolean;
}

/** How a deployment stopped being live because somebody went back. */
export interface RolledBack {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  /** What brought back the earlier content: a rollback, or the deployment itself where it was switched back inside. */
  readonly deploymentId: string;
}

/** A deployment that was planned for a moment. */
export interface ScheduledMoment {
  readonly scheduleId: string;
  /** ISO time. */
  readonly at: string;
  /** Later than this many seconds after it, it is missed. */
  readonly windowSeconds: number;
  /** It does not happen where a newer deployment went live meanwhile. */
  readonly autoCancel: boolean;
}

/** Somebody let a deployment pass in spite of a freeze. */
export interface FreezeOverride {
  readonly freezeId: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** Who took the slot from a deployment that had ended and could not be seen to have come to rest. */
export interface SlotRelease {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}
