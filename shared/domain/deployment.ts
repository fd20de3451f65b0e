import type { DeploymentErrorCode } from '../errors/codes.ts';
import type { Approval } from './approvals.ts';
import type { HealthCheck, Retention, Timeouts, VariableRef } from './environment.ts';
import type { HookRun } from './hook-runs.ts';
import type { Hooks, RequestedHooks } from './hooks.ts';
import type { JsonObject } from './json.ts';
import type { LogPurge } from './log-purge.ts';
import type { BuildSettings, Repository, TargetSettings } from './project.ts';
import type { OpenStatus, ReleaseState, StageOrSettle } from './status.ts';
import type { Activation, Rollout, Strategy, StrategyStep } from './strategy.ts';
import type { Artifact, Commit } from './version.ts';

export type SourceType = 'branch' | 'tag' | 'commit' | 'upload';
export interface DeploymentSource {
  readonly type: SourceType;
  readonly ref: string;
  readonly commit?: Commit | undefined;
}

export type TriggerKind = 'manual' | 'api' | 'webhook' | 'schedule' | 'retry' | 'rollback' | 'automatic';
export interface Trigger {
  readonly kind: TriggerKind;
  readonly actor: string;
  /** Id of the token that was used, never the token. */
  readonly key?: string | undefined;
}

/** Everything the deployment runs with; provisional until the gate passes, then frozen. */
export interface Snapshot {
  readonly configuration: JsonObject;
  readonly parameters: JsonObject;
  readonly variables: Readonly<Record<string, VariableRef>>;
  readonly build: BuildSettings;
  readonly target: TargetSettings;
  readonly healthCheck?: HealthCheck | undefined;
  readonly repository?: Repository | undefined;
  readonly timeouts: Timeouts;
  readonly retention?: Retention | undefined;
  /** In the order in which they run; absent where there are none. */
  readonly hooks?: Hooks | undefined;
  readonly frozen: boolean;
}

export interface DeploymentError {
  readonly code: DeploymentErrorCode;
  readonly stage: StageOrSettle;
  readonly message: string;
  readonly cause?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly retryable: boolean;
  readonly suggestion: string;
  readonly recovery: 'retry' | 'fix' | 'manual' | 'check';
  readonly severity: 'critical' | 'recoverable' | 'temporary';
}

export interface StageRecord {
  readonly name: StageOrSettle;
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped';
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly attempts: number;
  readonly message?: string | undefined;
}

export interface Validation {
  readonly passed: boolean;
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly message: string }[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What to do about the errors; absent where there were none, or before it was kept. */
  readonly suggestions?: readonly string[] | undefined;
}

export interface Cost {
  /** `control` and `build` together. */
  readonly usd: number;
  /** What Slipway itself spends: everything counted here but build minutes. */
  readonly control: number;
  readonly build: number;
  /** States that its execution entered. */
  readonly transitions: number;
  /** DynamoDB request units, those of indexes included. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Messages of up to 32 KB posted to sockets. */
  readonly posts: number;
  /** Running time of functions, and the same by the memory that each has. */
  readonly lambdaMs: number;
  readonly gbSeconds: number;
  readonly invocations: number;
  /** Build time that AWS charges for. */
  readonly buildSeconds: number;
  /** Requests to the HTTP API; messages that came in over sockets. */
  readonly requests: number;
  readonly messages: number;
  /** Requests to SQS, events for the bus (both by begun 64 KB) and moments given to the scheduler. */
  readonly queued: number;
  readonly events: number;
  readonly schedules: number;
  /** Requests to S3 by its two prices: PUT, COPY, POST, LIST; GET and HEAD. */
  readonly puts: number;
  readonly gets: number;
  /** X-Ray traces recorded. */
  readonly traces: number;
  /** Bytes sent to viewers, over sockets or as answers; bytes of the log as they are stored. */
  readonly sentBytes: number;
  readonly storedBytes: number;
  /** Calls of AWS of any kind, tries included. */
  readonly calls: number;
}

/** The moments (ms since the epoch) after which the sweep ends the deployment; absent where none runs. */
export interface Deadlines {
  /** End of the present stage. */
  readonly stage?: number | undefined;
  /** Whole deployment, counted from the gate's pass. */
  readonly total?: number | undefined;
  /** An offered job must be claimed by then. */
  readonly claim?: number | undefined;
  /**
   * Set when a runner claims a job, to the moment its first heartbeat must have been there. It is not moved by
   * beats: once past, each sweep compares the job's last beat with the clock. Gone when the job ends.
   */
  readonly heartbeat?: number | undefined;
  /** The gate looks again at what it waits for. Nothing is ended by it. */
  readonly wait?: number | undefined;
  /** A cancellation that was asked for is on its way by then, or the sweep begins it. */
  readonly cancel?: number | undefined;
}

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
