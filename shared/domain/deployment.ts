import type { Approval } from './approvals.ts';
import type { Cost } from './deployment-cost.ts';
import type {
  CancelRequest,
  FreezeOverride,
  Rollback,
  RolledBack,
  ScheduledMoment,
  SlotRelease,
} from './deployment-decisions.ts';
import type {
  Deadlines,
  DeploymentError,
  DeploymentSource,
  Snapshot,
  StageRecord,
  Trigger,
  Validation,
} from './deployment-parts.ts';
import type { HookRun } from './hook-runs.ts';
import type { RequestedHooks } from './hooks.ts';
import type { JsonObject } from './json.ts';
import type { LogPurge } from './log-purge.ts';
import type { OpenStatus, ReleaseState, StageOrSettle } from './status.ts';
import type { Activation, Rollout, Strategy, StrategyStep } from './strategy.ts';
import type { Artifact } from './version.ts';

export interface DeploymentBase {
  readonly id: string;
  readonly projectId: string;
  readonly environment: string;
  readonly type: 'deploy' | 'rollback';
  readonly method: string;
  readonly versionId: string;
  readonly versionNumber: number;
  readonly releaseState: ReleaseState;
  readonly stage: StageOrSettle;
  readonly progress: number;
  readonly currentStep: string;
  /** What whoever started it said about it; never changed. */
  readonly message?: string | undefined;
  /** What it is doing or waiting for now, in a sentence for people; what status frames say. */
  readonly note?: string | undefined;
  readonly source: DeploymentSource;
  readonly trigger: Trigger;
  readonly strategy: Strategy;
  /** The way that was asked for, of a strategy that takes steps. */
  readonly steps?: readonly StrategyStep[] | undefined;
  readonly rollout?: Rollout | undefined;
  readonly force: boolean;
  readonly rollbackOnFailure: boolean;
  readonly snapshot: Snapshot;
  readonly overrides: {
    readonly configuration?: JsonObject | undefined;
    readonly parameters?: JsonObject | undefined;
    /** They come behind those of the environment. */
    readonly hooks?: RequestedHooks | undefined;
  };
  readonly buildId?: string | undefined;
  readonly runner?: string | undefined;
  /** Key of the job that it has offered last. */
  readonly job?: string | undefined;
  readonly artifact?: Artifact | undefined;
  /** The platform's own id of the release, as `start` returned it. */
  readonly releaseId?: string | undefined;
  readonly url?: string | undefined;
  readonly previewUrls: readonly string[];
  readonly previousDeploymentId?: string | undefined;
  /** What a rollback of it goes back to unless told otherwise; known once it is live, of a rollback from its creation. */
  readonly previousGood?: string | undefined;
  /** Present on every deployment of type rollback. */
  readonly rollback?: Rollback | undefined;
  /** Present where its release state is `rolled-back`. */
  readonly rolledBack?: RolledBack | undefined;
  readonly parentDeploymentId?: string | undefined;
  readonly retryCount: number;
  readonly validation: Validation;
  readonly stages: readonly StageRecord[];
  /** What became of its hooks; present from the gate's pass on where it has any. */
  readonly hooks?: readonly HookRun[] | undefined;
  readonly cost: Cost;
  readonly createdAt: string;
  readonly startedAt?: string | undefined;
  readonly updatedAt: string;
  readonly revision: number;

  // --- what keeps it correct (design: rules 2-6) ---
  /** Fence of the slot this deployment owns or owned. 0: never owned it. */
  readonly fence: number;
  /** Its number in the order of its environment's line, kept however often it has to wait. Absent: it has none yet. */
  readonly ticket?: number | undefined;
  /** Raised by whoever ends a wait of the gate. */
  readonly wake: number;
  /** Last `wake` the gate has looked at. */
  readonly seen: number;
  /** Last revision announced by the relay. */
  readonly published: number;
  readonly executionArn?: string | undefined;
  readonly deadlines: Deadlines;
  /** Calls that may still change what the target serves: attempt id -> last moment (ms) on the wire. */
  readonly calls: Readonly<Record<string, number>>;
  /** Rounds of the Activate state; absent before the first. */
  readonly activation?: Activation | undefined;
  /** True once an activation intent was written: from then on only settlement goes back. */
  readonly activating: boolean;
  /** Set when settlement began; bars new intents. */
  readonly settling?: { readonly at: string; readonly by: string } | undefined;
  /** From here on nothing new begins; the settlement ends it. A `failure` beside it was there before. */
  readonly cancelRequested?: CancelRequest | undefined;
  /** What people were asked to agree to, and who did. */
  readonly approval?: Approval | undefined;
  /** The moment it waits for, and what becomes of it when that has passed. */
  readonly schedule?: ScheduledMoment | undefined;
  readonly freezeOverrides?: readonly FreezeOverride[] | undefined;
  /** The first failure that a stage reported; settlement turns it into `error`. */
  readonly failure?: DeploymentError | undefined;
  /** End marker and archive of the log are still to be written. */
  readonly closing?: boolean | undefined;
  /** Lines of its log that somebody had purged, oldest first; absent: none. */
  readonly purges?: readonly LogPurge[] | undefined;
  /** Which archive of its log is the right one: the number of purges that it was written after. Absent: 0. */
  readonly archive?: number | undefined;
  /** Settlement has sent (or is about to send) the switch back to what was served before. */
  readonly undo?: { readonly at: string; readonly attempts: number } | undefined;
  /** Ended without knowing that the target has come to rest: until that is seen the slot is kept (unless `slotReleased`). */
  readonly draining?: boolean | undefined;
  /** Somebody took the slot from it while its target drained. What it serves is still looked at while `draining`. */
  readonly slotReleased?: SlotRelease | undefined;
  /** State -> time at which the machine last entered it (ISO); counts each transition once. */
  readonly entered: Readonly<Record<string, string>>;
}

export interface OpenDeployment extends DeploymentBase {
  readonly status: OpenStatus;
}

export interface SucceededDeployment extends DeploymentBase {
  readonly status: 'succeeded';
  readonly finishedAt: string;
  readonly durationSeconds: number;
}

export interface UnsuccessfulDeployment extends DeploymentBase {
  readonly status: 'failed' | 'timeout';
  readonly finishedAt: string;
  readonly durationSeconds: number;
  readonly error: DeploymentError;
}

/** Ended because somebody wished it; an error only where the wish came from a rule (superseded, rejected). */
export interface CanceledDeployment extends DeploymentBase {
  readonly status: 'canceled';
  readonly finishedAt: string;
  readonly durationSeconds: number;
  readonly error?: DeploymentError | undefined;
}

export type EndedDeployment = SucceededDeployment | UnsuccessfulDeployment | CanceledDeployment;
export type Deployment = OpenDeployment | EndedDeployment;
