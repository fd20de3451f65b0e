import type { JobFailure, JobResult } from '../contracts/job-results.ts';
import { ARTIFACT_LIMITS } from '../contracts/versions.ts';
import { deploymentError } from '../domain/deployment-errors.ts';
import { hookStep } from '../domain/hooks.ts';
import { withoutCopiedLines } from '../domain/log-copies.ts';
import type { Artifact, Commit, Deployment, DeploymentError } from '../domain/records.ts';
import type { Stage } from '../domain/status.ts';
import type { Machine } from '../platform/machine.ts';
import type { Objects } from '../platform/objects.ts';
import { builtArtifactKey } from '../platform/upload-keys.ts';
import type { StoreContext } from './context.ts';
import { getDeployment, requireDeployment } from './deployment-changes.ts';
import { endPostHook } from './hooks.ts';
import type { FinishedJobRecord } from './job.ts';
import { finishJob } from './jobs.ts';
import { failStage } from './stage-failure.ts';
import { withStage } from './stage-records.ts';
import { wakeGate } from './stage-reports.ts';
import { finishStage } from './stages.ts';
import { answerStage } from './task-tokens.ts';
import { noteBuilt } from './version-builds.ts';

export interface OutcomeParts {
  readonly machine: Machine;
  readonly artifacts: Objects;
}

type Built = Extract<JobResult, { outcome: 'built' }>;

/**
 * Takes a runner's result: writes it on the job, moves the deployment, answers the stage or wakes the gate.
 * Every step can be repeated, so a runner that got no answer sends the result again and whatever was cut off
 * is made up for. `gone`: the job was canceled, lost or finished otherwise; nothing was changed.
 */
export async function takeResult(
  ctx: StoreContext,
  parts: OutcomeParts,
  jobKey: string,
  result: JobResult,
): Promise<'taken' | 'gone'> {
  const finished = await finishJob(ctx, jobKey, await withoutPurgedLines(ctx, jobKey, result));
  if (finished.outcome === 'gone') return 'gone';
  const { job } = finished;
  if (job.kind === 'resolve') await endResolve(ctx, job);
  else if (job.kind === 'build') await endBuild(ctx, parts, job);
  else await endHooks(ctx, parts, job);
  return 'taken';
}

/** A failure repeats the last lines of the log. Where some were purged, the runner may still have them: none is kept. */
async function withoutPurgedLines(ctx: StoreContext, jobKey: string, result: JobResult): Promise<JobResult> {
  if (result.outcome !== 'failed') return result;
  const [deploymentId = ''] = jobKey.split('.', 1);
  const { purges = [] } = (await getDeployment(ctx, deploymentId)) ?? {};
  if (purges.length === 0) return result;
  return { ...result, failure: { ...result.failure, message: withoutCopiedLines(result.failure.message) } };
}

/** The gate alone answers its token: what it waited for and `wake` are one write. */
async function endResolve(ctx: StoreContext, { deploymentId, result }: FinishedJobRecord): Promise<void> {
  await wakeGate(ctx, deploymentId, (current) => {
    if (result.outcome === 'resolved') {
      if (current.source.commit !== undefined) return undefined;
      return { source: { ...current.source, commit: result.commit } };
    }
    if (current.failure !== undefined || current.settling !== undefined) return undefined;
    if (current.cancelRequested !== undefined) return {};
    const error = failureIn(current, 'gate', result);
    if (error === undefined) return {};
    return {
      failure: error,
      stages: withStage(current, 'gate', (record) => ({
        ...record,
        status: 'failed',
        message: error.message,
      })),
    };
  });
}

async function endBuild(ctx: StoreContext, parts: OutcomeParts, job: FinishedJobRecord): Promise<void> {
  const { deploymentId, round, result } = job;
  const deployment = await requireDeployment(ctx, deploymentId);
  const error =
    result.outcome === 'built'
      ? await objectionTo(parts.artifacts, deployment, job, result)
      : failureIn(deployment, 'build', result);
  if (error !== undefined) await failStage(ctx, deploymentId, error, inHook(result));
  else if (result.outcome === 'built') await finishBuild(ctx, deployment, job, result);
  const ok = error === undefined && result.outcome === 'built';
  await answerStage(
    ctx,
    parts.machine,
    deploymentId,
    'build',
    round,
    ok ? { ok } : { ok, code: error?.code ?? 'CANCELED' },
  );
}

/** The hook that a job failed in. */
function inHook(result: JobResult): { readonly preHook?: string } {
  const step = result.outcome === 'failed' ? result.failure.step : '';
  return step.startsWith(HOOK_STEP) ? { preHook: step.slice(HOOK_STEP.length) } : {};
}
const HOOK_STEP = hookStep('');

/** Commands beside a build: those before anything is changed (round 0) end the build stage, another its round. */
async function endHooks(ctx: StoreContext, parts: OutcomeParts, job: FinishedJobRecord): Promise<void> {
  const { deploymentId: id, round, result, runner } = job;
  const deployment = await requireDeployment(ctx, id);
  const stage = round === 0 ? 'build' : 'activate';
  const error = result.outcome === 'hooked' ? undefined : failureIn(deployment, stage, result);
  const paid =
    result.outcome === 'hooked' && runner.kind === 'codebuild' ? { paidBuildSeconds: result.seconds } : {};
  if (round > 0) {
    const end =
      error === undefined
        ? { passed: true as const, exitCode: 0, ...paid }
        : { passed: false as const, failure: error };
    await endPostHook(ctx, parts.machine, id, round, end);
    return;
  }
  const ok = result.outcome === 'hooked';
  const skipped = 'Nothing to build; its pre hooks have run.';
  if (ok) await finishStage(ctx, id, 'build', { skipped, ...paid });
  else if (error !== undefined) await failStage(ctx, id, error, inHook(result));
  await answerStage(
    ctx,
    parts.machine,
    id,
    'build',
    0,
    ok ? { ok } : { ok, code: error?.code ?? 'CANCELED' },
  );
}

async function finishBuild(
  ctx: StoreContext,
  deployment: Deployment,
  { deploymentId, round, runner }: FinishedJobRecord,
  built: Built,
): Promise<void> {
  const artifact: Artifact = {
    key: builtArtifactKey(deploymentId, round, built.artifact.digest),
    ...built.artifact,
  };
  const commit = withFacts(deployment.source.commit, built.commit);
  await noteBuilt(ctx, deployment, { artifact, commit });
  await finishStage(ctx, deploymentId, 'build', {
    facts: { artifact, source: { ...deployment.source, commit } },
    ...(runner.kind === 'codebuild' ? { paidBuildSeconds: built.seconds } : {}),
  });
}

/** The pinned commit stays; message and author are what the runner found in it. */
const withFacts = (pinned: Commit | undefined, found: Commit): Commit => ({ ...found, ...pinned });

/** Why a result that says `built` does not count; undefined where it does. The bytes' digest is checked at release. */
async function objectionTo(
  artifacts: Objects,
  { source }: Deployment,
  { deploymentId, round }: FinishedJobRecord,
  { artifact, commit }: Built,
): Promise<DeploymentError | undefined> {
  if (source.commit !== undefined && source.commit.sha !== commit.sha) {
    return deploymentError({
      code: 'BUILD_FAILED',
      stage: 'build',
      message: `The runner built commit ${commit.sha}; pinned was ${source.commit.sha}.`,
      suggestion: 'Update the runner and deploy again.',
    });
  }
  if (artifact.size > ARTIFACT_LIMITS.bytes || artifact.files > ARTIFACT_LIMITS.files) {
    return deploymentError({
      code: 'INVALID_CONFIG',
      stage: 'build',
      message: `The artifact has ${artifact.files} files and ${artifact.size} bytes; ${ARTIFACT_LIMITS.files} files and ${ARTIFACT_LIMITS.bytes} bytes are the limit.`,
      suggestion: 'Leave source maps, videos and other large files out of the output directory.',
    });
  }
  const size = await artifacts.size(builtArtifactKey(deploymentId, round, artifact.digest));
  if (size === artifact.size) return undefined;
  return deploymentError({
    code: 'UPLOAD_FAILED',
    stage: 'build',
    message: `The runner reported an artifact of ${artifact.size} bytes; ${size === undefined ? 'none' : `one of ${size} bytes`} was stored.`,
  });
}

/** The failure that a result stands for; undefined for a runner that stopped because it was told to. */
function failureIn(deployment: Deployment, stage: Stage, result: JobResult): DeploymentError | undefined {
  if (result.outcome === 'failed') return deploymentError({ ...factsOf(result.failure), stage });
  if (result.outcome === 'canceled' && deployment.cancelRequested !== undefined) return undefined;
  return deploymentError({
    code: 'RUNNER_LOST',
    stage,
    message:
      result.outcome === 'canceled'
        ? 'The runner gave the job up although nobody canceled it.'
        : `The runner answered with "${result.outcome}", which is no result of this job.`,
  });
}

const factsOf = ({ code, message, exitCode, retryable, suggestion }: JobFailure) => ({
  code,
  message,
  exitCode,
  retryable,
  suggestion,
});
