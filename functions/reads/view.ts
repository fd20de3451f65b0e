import type { Place } from '../../shared/domain/admission.ts';
import type { Approval } from '../../shared/domain/approvals.ts';
import { healthOf } from '../../shared/domain/deployment-health.ts';
import type { LiveMetrics } from '../../shared/domain/live-metrics.ts';
import { possibleWith } from '../../shared/domain/possible.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { viewOfPurge } from './log-page.ts';

/** What is known of a deployment only while it runs. */
export interface Live {
  readonly estimatedRemainingSeconds?: number | undefined;
  readonly liveMetrics?: LiveMetrics | undefined;
}

/** A deployment as the API shows it, with its place where it stands in line. What keeps it correct (fence, calls, wake, deadlines) is not public. */
export function viewOfDeployment(deployment: Deployment, place?: Place) {
  const { snapshot, artifact, ...record } = deployment;
  const { canCancel, canRetry, canRollback } = possibleWith(deployment);
  return {
    id: record.id,
    projectId: record.projectId,
    environment: record.environment,
    versionId: record.versionId,
    versionNumber: record.versionNumber,
    type: record.type,
    method: record.method,
    status: record.status,
    releaseState: record.releaseState,
    stage: record.stage,
    progress: record.progress,
    currentStep: record.currentStep,
    message: record.message,
    source: record.source,
    trigger: record.trigger,
    strategy: record.strategy,
    ...rolloutOf(record),
    configSnapshot: snapshot.configuration,
    parametersSnapshot: snapshot.parameters,
    hooksSnapshot: snapshot.hooks,
    ...(snapshot.repository === undefined ? {} : { repository: { url: snapshot.repository.url } }),
    target: { kind: snapshot.target.kind },
    buildId: record.buildId,
    runner: record.runner,
    artifact: artifact && { id: artifact.digest.slice(0, 12), digest: artifact.digest, size: artifact.size },
    url: record.url,
    previewUrls: record.previewUrls,
    parentDeploymentId: record.parentDeploymentId,
    retryCount: record.retryCount,
    previousDeploymentId: record.previousDeploymentId,
    previousGood: record.previousGood,
    rollback: record.rollback,
    rolledBack: record.rolledBack,
    queue: place,
    approval: record.approval && viewOfApproval(record.approval),
    freezeOverrides: record.freezeOverrides,
    ...scheduleOf(record),
    validation: record.validation,
    ...('error' in record ? { error: record.error } : {}),
    cancelRequested: record.cancelRequested,
    cost: record.cost,
    stages: record.stages,
    hooks: record.hooks,
    purges: record.purges?.map(viewOfPurge),
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    ...('finishedAt' in record
      ? { finishedAt: record.finishedAt, durationSeconds: record.durationSeconds }
      : {}),
    updatedAt: record.updatedAt,
    canCancel,
    canRetry,
    canRollback,
    revision: record.revision,
  };
}

/** Steps count from 1 for people. */
function rolloutOf({ rollout }: Pick<Deployment, 'rollout'>) {
  if (rollout === undefined) return {};
  const { steps, step, weight, until } = rollout;
  return { rollout: { step: step + 1, steps, weight, until } };
}

/** The moment it was planned for. */
function scheduleOf({ schedule }: Pick<Deployment, 'schedule'>) {
  if (schedule === undefined) return {};
  const { scheduleId, at, windowSeconds, autoCancel } = schedule;
  return { schedule: { id: scheduleId, at, window: windowSeconds, autoCancel } };
}

/** Without what the voters could do when they voted. */
const viewOfApproval = ({ given, ...approval }: Approval) => ({
  ...approval,
  given: given.map(({ voter: _voter, ...vote }) => vote),
});

export function viewOfStatus(deployment: Deployment, at: string, live: Live, place?: Place) {
  const { id, status, releaseState, stage, progress, currentStep, note, revision } = deployment;
  return {
    id,
    status,
    releaseState,
    stage,
    progress,
    currentStep,
    ...rolloutOf(deployment),
    message: note,
    ...live,
    health: healthOf(deployment),
    queue: place,
    url: deployment.url,
    ...('error' in deployment ? { error: deployment.error } : {}),
    ...possibleWith(deployment),
    revision,
    at,
  };
}
