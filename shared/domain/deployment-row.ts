import { type StageSeconds, stageSecondsOf } from './estimate.ts';
import { PROGRESS_AT_STAGE } from './progress.ts';
import type { Deployment, DeploymentSource, Trigger } from './records.ts';
import type { ReleaseState, StageOrSettle, Status } from './status.ts';
import type { Strategy } from './strategy.ts';

/** What lists show of a deployment. Nothing that changes with every write stands here: each change costs six indexes. */
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
  /** While it goes on, where its stage begins: what happens in a stage is not worth a write of each index. */
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
    progress: 'finishedAt' in deployment ? progress : Math.min(progress, PROGRESS_AT_STAGE[stage]),
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
