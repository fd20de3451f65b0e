import type * as z from 'zod/mini';
import type { buildState } from '../../shared/contracts/steps.ts';
import { asDeploymentError } from '../../shared/domain/deployment-errors.ts';
import { preCommands } from '../../shared/domain/hooks.ts';
import type { Artifact, Deployment } from '../../shared/domain/records.ts';
import { builtBefore } from '../../shared/domain/retry.ts';
import {
  beginStage,
  changeWith,
  failStage,
  finishStage,
  getDeployment,
  stageDone,
} from '../../shared/store/deployments.ts';
import { offeredBy, unlessEnding } from '../../shared/store/enter-state.ts';
import { getJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { requireProject } from '../../shared/store/projects.ts';
import { answerStage, storeToken } from '../../shared/store/task-tokens.ts';
import { requireVersion } from '../../shared/store/versions.ts';
import type { StepsDeps } from './deps.ts';
import { buildWork, hookWork, offerWork, runnerFor } from './runner.ts';

const ROUND = 0;

/**
 * The build: answered at once where there is nothing to build, else offered to a runner, whose result answers
 * the token. Safe to repeat: the token, the job and the answer are each written once.
 */
export async function build(deps: StepsDeps, call: z.infer<typeof buildState>): Promise<void> {
  const { deploymentId } = call;
  const deployment = await unlessEnding(deps.machine, call, () =>
    beginStage(deps.store, deploymentId, 'build', call),
  );
  if (deployment === undefined) return;
  await storeToken(deps.store, deps.machine, deploymentId, 'build', ROUND, offeredBy(call));
  try {
    await startBuild(deps, deployment);
  } catch (error) {
    deps.log.error('The build could not be started.', { error });
    const failure = asDeploymentError(error, 'build');
    await failStage(deps.store, deploymentId, failure);
    await deps.say(deploymentId, 'build', 'error', failure.message);
    await answerStage(deps.store, deps.machine, deploymentId, 'build', ROUND, {
      ok: false,
      code: failure.code,
    });
  }
}

async function startBuild(deps: StepsDeps, deployment: Deployment): Promise<void> {
  if (stageDone(deployment, 'build')) {
    await answerStage(deps.store, deps.machine, deployment.id, 'build', ROUND, { ok: true });
    return;
  }
  const version = await requireVersion(deps.store, deployment.projectId, deployment.versionId);
  // A repeated state goes on with what it offered before, whatever somebody else has built meanwhile.
  const offered = await getJob(deps.store, jobKeyOf(deployment.id, 'build', ROUND));
  const found =
    offered === undefined
      ? (foundWith(`Version ${version.number}`, version.artifact) ??
        (await foundWithParent(deps, deployment)))
      : undefined;
  if (found !== undefined) {
    await skipBuild(deps, deployment, found);
    return;
  }
  await offer(deps, deployment, buildWork(deployment));
}

async function offer(
  deps: StepsDeps,
  deployment: Deployment,
  work: Parameters<typeof offerWork>[2],
): Promise<void> {
  const project = await requireProject(deps.store, deployment.projectId);
  await offerWork(deps, deployment, work, runnerFor(project.settings, deps.defaultRunner));
}

interface Found {
  readonly owner: string;
  readonly artifact: Artifact;
}

const foundWith = (owner: string, artifact: Artifact | undefined): Found | undefined =>
  artifact && { owner, artifact };

/** A retry goes on from where the first attempt had come: what that one built for the same settings is taken over. */
async function foundWithParent(deps: StepsDeps, deployment: Deployment): Promise<Found | undefined> {
  const { parentDeploymentId, trigger } = deployment;
  if (trigger.kind !== 'retry' || parentDeploymentId === undefined) return undefined;
  const parent = await getDeployment(deps.store, parentDeploymentId);
  return foundWith(parentDeploymentId, parent && builtBefore(parent, deployment));
}

/** Nothing is built; commands of pre hooks are a job of their own then, in the unpacked artifact. */
async function skipBuild(deps: StepsDeps, deployment: Deployment, { owner, artifact }: Found): Promise<void> {
  const { id, snapshot } = deployment;
  const commands = preCommands(snapshot);
  const skipped = `${owner} has its artifact already (${artifact.digest.slice(0, 12)}); nothing to build.`;
  await deps.say(id, 'build', 'info', skipped);
  if (commands.length > 0) {
    // On the record before the job is offered: whoever claims it is given the artifact.
    await changeWith(deps.store, id, (current) =>
      current.artifact === undefined ? { artifact } : undefined,
    );
    await offer(deps, deployment, hookWork(ROUND, commands));
    return;
  }
  await finishStage(deps.store, id, 'build', { skipped, facts: { artifact } });
  await answerStage(deps.store, deps.machine, id, 'build', ROUND, { ok: true });
}
