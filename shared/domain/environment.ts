import type { ApprovalRule } from './approvals.ts';
import type { Hooks } from './hooks.ts';
import type { JsonObject } from './json.ts';

export const ENVIRONMENT_TYPES = ['production', 'staging', 'preview', 'development', 'testing'] as const;
export type EnvironmentType = (typeof ENVIRONMENT_TYPES)[number];

/**
 * What a start meets where another deployment is changing the environment: `reject` refuses it, `queue` has it wait
 * in line, `supersede` too, and what waited there before is canceled.
 */
export const CONCURRENCIES = ['reject', 'queue', 'supersede'] as const;
export type Concurrency = (typeof CONCURRENCIES)[number];

export interface HealthCheck {
  /** Absolute URL to probe instead of the environment's own address. */
  readonly url?: string | undefined;
  readonly path?: string | undefined;
  readonly expectStatus?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly attempts?: number | undefined;
}

/** Deadlines in seconds; what is absent has the default of shared/domain/deadlines.ts. */
export interface Timeouts {
  readonly claimSeconds?: number | undefined;
  readonly heartbeatSeconds?: number | undefined;
  readonly gateSeconds?: number | undefined;
  readonly buildSeconds?: number | undefined;
  readonly releaseSeconds?: number | undefined;
  readonly verifySeconds?: number | undefined;
  readonly activateSeconds?: number | undefined;
  readonly drainSeconds?: number | undefined;
  readonly deploymentSeconds?: number | undefined;
}

/** How long things are kept; what is absent has its default. */
export interface Retention {
  /** Lines of logs in the database; see LOG_DAYS. */
  readonly logDays?: number | undefined;
}

/** What people edit. The slot (what transactions edit) is an item of its own. */
export interface Environment {
  readonly projectId: string;
  readonly name: string;
  readonly type: EnvironmentType;
  readonly isDefault: boolean;
  readonly configuration: JsonObject;
  readonly concurrency: Concurrency;
  readonly healthCheck?: HealthCheck | undefined;
  /** Who has to agree before anything is changed here; absent: nobody. */
  readonly approvals?: ApprovalRule | undefined;
  /** What runs before and after each deployment here; absent: nothing. */
  readonly hooks?: Hooks | undefined;
  /** Environments in which the same content must have succeeded before it comes here; absent: none. */
  readonly promoteFrom?: readonly string[] | undefined;
  readonly rollbackOnFailure: boolean;
  readonly timeouts: Timeouts;
  readonly retention?: Retention | undefined;
  /** Variable key -> what the environment maps it to now. Values of sensitive ones live in S3 only. */
  readonly variables: Readonly<Record<string, VariableRef>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly revision: number;
}

export interface VariableRef {
  readonly revision: number;
  readonly sensitive: boolean;
  readonly use: 'build' | 'runtime' | 'both';
  /** Present only for a plain variable. */
  readonly value?: string | undefined;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** The environment was told to stay on what it serves, until a newer version goes live or somebody lifts it. */
export interface Pin {
  /** The rollback that set it. */
  readonly deploymentId: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  /** Number of the version that was left: what is newer lifts the pin. */
  readonly versionNumber: number;
}

/** A version that went wrong here: nothing but a person starts it again. */
export interface BlockedVersion {
  /** Commit id of a git version, digest of an uploaded one. */
  readonly key: string;
  readonly versionId: string;
  readonly versionNumber: number;
  /** The deployment that it went wrong in. */
  readonly deploymentId: string;
  readonly at: string;
  readonly reason: string;
}

/** How what an environment serves is, as far as a live check has seen it. */
export interface Health {
  readonly state: 'healthy' | 'unhealthy';
  /** The deployment that this was seen of. */
  readonly deploymentId: string;
  readonly versionNumber: number;
  /** Commit id or digest of what is served; absent where that was never known. */
  readonly key?: string | undefined;
  readonly at: string;
  /** What the live check said, where it failed. */
  readonly reason?: string | undefined;
}

/** That some content succeeded in an environment, kept whatever comes after it there. */
export interface Good {
  readonly projectId: string;
  readonly environment: string;
  /** Commit id or digest. */
  readonly key: string;
  /** The latest deployment of it that succeeded. */
  readonly deploymentId: string;
  readonly versionId: string;
  readonly at: string;
}

/** The right to change an environment: one owner at a time, with a fence that rises with each. */
export interface Slot {
  readonly projectId: string;
  readonly environment: string;
  readonly owner?: string | undefined;
  readonly since?: string | undefined;
  readonly reason?: string | undefined;
  readonly fence: number;
  /** Rises with every join, leave and hand-over of the line. */
  readonly line: number;
  /** Number that the next deployment gets minus one: the order of the line. Absent: none was given yet. */
  readonly ticket?: number | undefined;
  /** What waits with a number below has lost its place to a newer deployment, this one. */
  readonly superseded?: { readonly before: number; readonly by: string } | undefined;
  /** Deployment that is live now. */
  readonly active?: string | undefined;
  /** Latest succeeded deployment that was live before the active one. */
  readonly previousGood?: string | undefined;
  readonly pin?: Pin | undefined;
  /** Newest last. */
  readonly blocked?: readonly BlockedVersion[] | undefined;
  /** Of what is live; absent where no live check has said anything about it. */
  readonly health?: Health | undefined;
  /** Where it is served, kept from the last settlement that saw it. */
  readonly url?: string | undefined;
}

/** Somebody who waits for the slot, or for a freeze to end. */
export interface Waiter {
  readonly projectId: string;
  readonly environment: string;
  readonly deploymentId: string;
  readonly ticket: number;
  /** 0: a rollback, before everything else. */
  readonly priority: 0 | 1;
  readonly since: string;
}
