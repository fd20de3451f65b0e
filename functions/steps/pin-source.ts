import type { ResolveAnswer } from '../../shared/contracts/steps.ts';
import { isCommitId } from '../../shared/domain/git-ref.ts';
import type { Commit, Deployment, DeploymentSource } from '../../shared/domain/records.ts';
import { parseSourceUrl, SOURCE_SCHEMES } from '../../shared/domain/source-url.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { withAttempts } from '../../shared/store/attempts.ts';
import { changeWith } from '../../shared/store/deployments.ts';
import { getJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { requireProject } from '../../shared/store/projects.ts';
import type { StepsDeps } from './deps.ts';
import { offerWork, RESOLVE_WORK, runnerFor } from './runner.ts';

/** Known names that a wrong ref is answered with, so that a typing error is seen at once. */
const NAMES_SHOWN = 5;

/**
 * The source with the commit it stands for, so that what is built is what was there when the gate looked.
 * `waiting`: a runner was asked; its answer raises `wake`.
 * @throws StageFailed INVALID_SOURCE_REF and what the look-up itself failed with
 */
export async function pinSource(
  deps: StepsDeps,
  deployment: Deployment,
): Promise<DeploymentSource | 'waiting'> {
  const { source } = deployment;
  if (source.type === 'upload' || source.commit !== undefined) return source;
  if (isCommitId(source.ref)) return { ...source, commit: { sha: source.ref.toLowerCase() } };
  const project = await requireProject(deps.store, deployment.projectId);
  if (project.repository === undefined) {
    throw new StageFailed(
      'INVALID_CONFIG',
      `Project ${project.name} has no repository to take ${source.ref} from.`,
    );
  }
  const { scheme } = parseSourceUrl(project.repository.url, SOURCE_SCHEMES);
  if (scheme === 'https') return resolveDirectly(deps, deployment);
  const commit = await resolveOnRunner(deps, deployment, runnerFor(project.settings, deps.defaultRunner));
  return commit === 'waiting' ? 'waiting' : { ...source, commit };
}

async function resolveDirectly(deps: StepsDeps, deployment: Deployment): Promise<DeploymentSource> {
  const answer = await lookUp(deps, deployment);
  if (answer.kind === 'resolved') {
    // A ref that came without a type is taken for a branch until the repository says that it is a tag.
    const type = answer.ref.startsWith('refs/tags/') ? 'tag' : deployment.source.type;
    return { ...deployment.source, type, commit: { sha: answer.sha } };
  }
  if (answer.kind === 'failed') throw new StageFailed(answer.code, answer.message);
  throw unknownRef(deployment.source, answer.known);
}

/** A repository that does not answer is asked again; looking a ref up changes nothing. */
function lookUp(deps: StepsDeps, { id, source }: Deployment): Promise<ResolveAnswer> {
  return withAttempts(
    deps.store,
    {
      deploymentId: id,
      stage: 'gate',
      failed: ({ message }, waitMs) =>
        deps.say(
          id,
          'gate',
          'warn',
          `Looking up ${source.ref}: ${message} Trying again in ${(waitMs / 1000).toFixed(1)} s.`,
        ),
    },
    async () => {
      const answer = await deps.targets.resolve(id);
      if (answer.kind === 'failed' && answer.code === 'PLATFORM_UNAVAILABLE') {
        throw new StageFailed(answer.code, answer.message, { fault: 'platform', retryable: true });
      }
      return answer;
    },
  );
}

/** Other schemes need the keys and the network of a runner. */
async function resolveOnRunner(
  deps: StepsDeps,
  deployment: Deployment,
  runner: Parameters<typeof offerWork>[3],
): Promise<Commit | 'waiting'> {
  const job =
    (await getJob(deps.store, jobKeyOf(deployment.id, 'resolve', 0))) ??
    (await offerWork(deps, deployment, RESOLVE_WORK, runner));
  if (job.state === 'finished' && job.result.outcome === 'resolved') return job.result.commit;
  if (job.state === 'finished' && job.result.outcome === 'failed') {
    const { code, message, retryable, suggestion } = job.result.failure;
    throw new StageFailed(code, message, { retryable, suggestion });
  }
  if (job.state === 'offered' || job.state === 'claimed') {
    await goOnWaiting(deps, deployment);
    return 'waiting';
  }
  throw new StageFailed('RUNNER_LOST', `The runner that looked up ${deployment.source.ref} did not answer.`, {
    fault: 'platform',
    retryable: true,
  });
}

/**
 * Notes the `wake` that stood there before the job was looked at. One that was raised meanwhile stays above `seen`,
 * so relay or sweep have the gate look again.
 */
async function goOnWaiting(deps: StepsDeps, { id, wake }: Deployment): Promise<void> {
  await changeWith(deps.store, id, (current) => (current.seen < wake ? { seen: wake } : undefined));
}

function unknownRef(source: DeploymentSource, known: readonly string[]): StageFailed {
  const shown = known.slice(0, NAMES_SHOWN).join(', ');
  return new StageFailed('INVALID_SOURCE_REF', `The repository has no ${source.type} ${source.ref}.`, {
    ...(shown === '' ? {} : { suggestion: `Name one that it has, such as ${shown}.` }),
    facts: { ref: source.ref },
  });
}
