import type { DeploymentErrorCode } from '../errors/codes.ts';
import type { HealthCheck, Retention, Timeouts, VariableRef } from './environment.ts';
import type { Hooks } from './hooks.ts';
import type { JsonObject } from './json.ts';
import type { BuildSettings, Repository, TargetSettings } from './project.ts';
import type { StageOrSettle } from './status.ts';
import type { Commit } from './version.ts';

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
