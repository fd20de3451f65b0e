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
  /** Where it is served, kept from the last settlement that saw it. */
  readonly url?: string | undefined;
}
