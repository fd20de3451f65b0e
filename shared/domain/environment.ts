import type { ApprovalRule } from './approvals.ts';
import type { JsonObject } from './json.ts';

export const ENVIRONMENT_TYPES = ['production', 'staging', 'preview', 'development', 'testing'] as const;
export type EnvironmentType = (typeof ENVIRONMENT_TYPES)[number];

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
  readonly buildSeconds?: number | undefined;
  readonly deploymentSeconds?: number | undefined;
}

/** What people edit. The slot (what transactions edit) is an item of its own. */
export interface Environment {
  readonly projectId: string;
  readonly name: string;
  readonly type: EnvironmentType;
  readonly isDefault: boolean;
  readonly configuration: JsonObject;
  readonly concurrency: 'reject';
  readonly healthCheck?: HealthCheck | undefined;
  /** Who has to agree before anything is changed here; absent: nobody. */
  readonly approvals?: ApprovalRule | undefined;
  readonly rollbackOnFailure: boolean;
  readonly timeouts: Timeouts;
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
  /** Deployment that is live now. */
  readonly active?: string | undefined;
  /** Latest succeeded deployment that was live before the active one. */
  readonly previousGood?: string | undefined;
  readonly pin?: Pin | undefined;
  /** Newest last. */
  readonly blocked?: readonly BlockedVersion[] | undefined;
  /** Where it is served, kept from the last settlement that saw it. */
  readonly url?: string | undefined;
}
