import { type StageSeconds, stageSecondsOf } from './estimate.ts';
import type { Deployment, DeploymentSource, Trigger } from './records.ts';
import { isTerminal, type ReleaseState, type StageOrSettle, type Status } from './status.ts';
import type { Strategy } from './strategy.ts';

/** What lists show of a deployment. */
export interface DeploymentRow {
  readonly id: string;
  readonly projectId: string;
  readonly environment: string;
  readonly type: 'deploy' | 'rollback';
  readonly method: string;
  readonly versionId: string;
  readonly versionNumber: number;
  readonly status: Status;
  readonly releaseState: ReleaseState;
  readonly stage: StageOrSettle;
  readonly progress: number;
  readonly message?: string | undefined;
  readonly source: DeploymentSource;
  readonly trigger: Trigger;
  readonly strategy: Strategy;
  readonly url?: string | undefined;
  readonly error?:
    | { readonly code: string; readonly stage: StageOrSettle; readonly message: string }
    | undefined;
  readonly createdAt: string;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly durationSeconds?: number | undefined;
  /** How long each stage took, once it has ended: what the next one is estimated by. */
  readonly stageSeconds?: StageSeconds | undefined;
}

/**
 * What the indexes hold of a deployment that has not ended: what filters and rights look at, none of which changes. What
 * does change is its record's to say, and would cost a write of each index.
 */
export interface OpenRow extends Pick<DeploymentRow, 'id' | 'projectId' | 'environment' | 'type'> {
  readonly trigger: Pick<Trigger, 'actor'>;
  readonly source: Pick<DeploymentSource, 'ref'>;
}

/** What the indexes hold of a deployment: all that lists show, once it has ended. */
export type StoredRow = OpenRow | DeploymentRow;

export function storedRowOf(deployment: Deployment): StoredRow {
  if (isTerminal(deployment.status)) return rowOf(deployment);
  const { id, projectId, environment, type, trigger, source } = deployment;
  return { id, projectId, environment, type, trigger: { actor: trigger.actor }, source: { ref: source.ref } };
}

/** Does it say how its deployment stands? Rows of open ones that are older say how it stood. */
export const saysAll = (row: StoredRow): row is DeploymentRow => 'status' in row && isTerminal(row.status);

export function rowOf(deployment: Deployment): DeploymentRow {
  const { id, projectId, environment, type, method, versionId, versionNumber, status, releaseState } =
    deployment;
  const { stage, progress, message, source, trigger, strategy, url, createdAt, startedAt } = deployment;
  return {
    id,
    projectId,
    environment,
    type,
    method,
    versionId,
    versionNumber,
    status,
    releaseState,
    stage,
    progress,
    message,
    source,
    trigger,
    strategy,
    url,
    createdAt,
    startedAt,
    ...endOf(deployment),
    ...('finishedAt' in deployment ? { stageSeconds: stageSecondsOf(deployment.stages) } : {}),
  };
}

/** How it ended, in few words; nothing while it has not. */
export function endOf(
  deployment: Deployment,
): Pick<DeploymentRow, 'finishedAt' | 'durationSeconds' | 'error'> {
  if (!('finishedAt' in deployment)) return {};
  const { finishedAt, durationSeconds } = deployment;
  const error = 'error' in deployment ? deployment.error : undefined;
  if (error === undefined) return { finishedAt, durationSeconds };
  const { code, stage, message } = error;
  return { finishedAt, durationSeconds, error: { code, stage, message } };
}
