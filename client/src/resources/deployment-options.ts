import type * as z from 'zod/mini';
import type { deploymentRequest } from '../../../shared/contracts/deployment-requests.ts';
import type { rollbackRequest } from '../../../shared/contracts/rollback.ts';
import type { DeploymentFeedOptions, LineFilter } from '../realtime/feed.ts';
import type { CallOptions } from '../transport.ts';
import type { ListOptions } from './resource.ts';

export type RollbackDeployment = z.input<typeof rollbackRequest>;
export type StartDeployment = z.input<typeof deploymentRequest>;

export interface StartOptions extends CallOptions {
  /** Same key and body, same deployment: choose it where a repeat must not deploy twice. */
  readonly idempotencyKey?: string | undefined;
}

export interface RetryOptions extends StartOptions {
  /** Although what the environment serves is unhealthy. */
  readonly force?: boolean | undefined;
}

export interface CancelOptions extends CallOptions {
  /** For whoever reads the record or the log. */
  readonly reason?: string | undefined;
}

export interface ApproveOptions extends CallOptions {
  /** `approval.digest` of the deployment as it was looked at. */
  readonly digest?: string | undefined;
  readonly comment?: string | undefined;
}

export interface PromoteOptions extends CallOptions {
  /** The step that is meant, as `rollout.step` shows it. */
  readonly step?: number | undefined;
  readonly all?: boolean | undefined;
}

export interface DeploymentFilters extends ListOptions {
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  readonly status?: string | undefined;
  readonly releaseState?: string | undefined;
  readonly triggeredBy?: string | undefined;
  readonly sourceRef?: string | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `started` and `finished` need a project. */
  readonly sortBy?: 'created' | 'started' | 'finished' | undefined;
  /** The last lines of each log with its row; at most 20 rows a page then. */
  readonly includeLogs?: boolean | undefined;
  /** Also count all that there are. */
  readonly total?: boolean | undefined;
}

export interface LogOptions extends CallOptions, LineFilter {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly tail?: number | undefined;
  readonly limit?: number | undefined;
}

export interface FollowOptions extends Omit<DeploymentFeedOptions, 'statuses'> {
  /** Go on with what comes until the log ends; false: only what is stored now. */
  readonly follow?: boolean | undefined;
}
