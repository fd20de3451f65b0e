import type { BuildJob, ClaimedJob, HookCommand, HookJob, ResolveJob } from '../../shared/contracts/jobs.ts';
import { ARTIFACT_LIMITS } from '../../shared/contracts/versions.ts';
import { type CommandHook, hookSeconds, preCommands } from '../../shared/domain/hooks.ts';
import type { Deployment, Project } from '../../shared/domain/records.ts';
import { presentHook } from '../../shared/domain/strategy.ts';
import { InternalError } from '../../shared/errors/requests.ts';
import { readSecret, readVariables } from '../../shared/platform/secret-values.ts';
import type { ClaimedJobRecord } from '../../shared/store/job.ts';
import { requireProject } from '../../shared/store/projects.ts';
import type { JobsDeps } from './deps.ts';

/** Output of one build that is kept; the largest npm build logs have a few MB. */
const OUTPUT_BYTES = 50 * 1024 * 1024;
/** What a build may write: a clone, its node_modules and caches, with room. */
const DISK_BYTES = 20 * 1024 * 1024 * 1024;

/** How often a silent job says that it lives, and how long it goes on unheard, in seconds (design: Runner). */
const BEAT = { every: 15, unanswered: 45 } as const;

/** Everything that a runner needs for its job, secrets included: only after the gate's rules passed. */
export async function describeJob(
  deps: JobsDeps,
  deployment: Deployment,
  job: ClaimedJobRecord,
  jobToken: string,
): Promise<ClaimedJob> {
  const project = await requireProject(deps.store, deployment.projectId);
  const about = {
    jobKey: job.jobKey,
    jobId: job.id,
    deploymentId: job.deploymentId,
    round: job.round,
    jobToken,
    masked: [],
    ...beats(job),
  };
  if (job.kind === 'hook') return hookJobOf(deps, deployment, job, { ...about, projectName: project.name });
  const credential = await credentialOf(deps, deployment);
  const base = {
    ...about,
    repository: repositoryOf(deployment, project, credential),
    masked: credential === undefined ? [] : [credential],
  };
  if (job.kind === 'resolve') return resolveJobOf(deployment, base);
  return buildJobOf(deps, deployment, job, { ...base, projectName: project.name });
}

/** A short heartbeat (tests, impatient teams) makes both shorter, so that several beats fit into it. */
function beats({ timeouts }: ClaimedJobRecord) {
  return {
    beatEverySeconds: Math.min(BEAT.every, timeouts.heartbeatSeconds / 4),
    unansweredLimitSeconds: Math.min(BEAT.unanswered, (timeouts.heartbeatSeconds * 3) / 4),
  };
}

async function credentialOf(deps: JobsDeps, deployment: Deployment): Promise<string | undefined> {
  const name = deployment.snapshot.repository?.credential;
  return name === undefined ? undefined : readSecret(deps.secrets, deployment, name);
}

function repositoryOf({ id, snapshot }: Deployment, { settings }: Project, credential: string | undefined) {
  const { repository } = snapshot;
  if (repository === undefined) throw new InternalError(`Deployment ${id} has a job but no repository.`);
  return {
    url: repository.url,
    submodules: settings.submodules ?? false,
    ...(credential === undefined ? {} : { credential }),
  };
}

type Base = Omit<ResolveJob, 'kind' | 'ref' | 'refType'>;

/** The gate is still asking which commit is meant: nothing but the repository's credential goes out. */
function resolveJobOf({ id, source }: Deployment, base: Base): ResolveJob {
  if (source.type === 'upload') throw new InternalError(`Deployment ${id} has nothing to resolve.`);
  return { ...base, kind: 'resolve', ref: source.ref, refType: source.type };
}

async function buildJobOf(
  deps: JobsDeps,
  deployment: Deployment,
  job: ClaimedJobRecord,
  base: Base & Pick<BuildJob, 'projectName'>,
): Promise<BuildJob> {
  const { snapshot, source, environment, id } = deployment;
  if (!snapshot.frozen || source.commit === undefined) {
    throw new InternalError(`Deployment ${id} has a build job before its gate passed.`);
  }
  const variables = await buildVariables(deps, deployment);
  const commands = preCommands(snapshot);
  return {
    ...base,
    kind: 'build',
    environment,
    commit: source.commit.sha,
    ref: source.ref,
    build: snapshot.build,
    ...(commands.length === 0 ? {} : { hooks: commands.map(commandOf) }),
    variables: { ...variables.values },
    masked: [...new Set([...base.masked, ...variables.secret])],
    limits: {
      seconds: job.timeouts.workSeconds,
      outputBytes: OUTPUT_BYTES,
      diskBytes: DISK_BYTES,
      artifactBytes: ARTIFACT_LIMITS.bytes,
      artifactFiles: ARTIFACT_LIMITS.files,
    },
  };
}

const buildVariables = (deps: JobsDeps, deployment: Deployment) =>
  readVariables(deps.secrets, deployment, (_, { use }) => use !== 'runtime');

/** A runner has this long to fetch the artifact, in seconds. */
const LINK_SECONDS = 900;

/** Commands of hooks beside a build see what a build sees, and what it made. */
async function hookJobOf(
  deps: JobsDeps,
  deployment: Deployment,
  job: ClaimedJobRecord,
  about: Omit<Base, 'repository'> & Pick<HookJob, 'projectName'>,
): Promise<HookJob> {
  const { snapshot, source, environment, id, artifact } = deployment;
  const commands = commandsFor(deployment, job.round);
  if (!snapshot.frozen || artifact === undefined || commands.length === 0) {
    throw new InternalError(`Deployment ${id} has a hook job with nothing to run.`);
  }
  const variables = await buildVariables(deps, deployment);
  return {
    ...about,
    kind: 'hook',
    environment,
    phase: job.round === 0 ? 'pre' : 'post',
    hooks: commands.map(commandOf),
    artifact: {
      url: await deps.artifacts.signGet(artifact.key, { seconds: LINK_SECONDS }),
      digest: artifact.digest,
      size: artifact.size,
    },
    ...(source.commit === undefined ? {} : { commit: source.commit.sha }),
    ref: source.ref,
    variables: { ...variables.values },
    masked: [...new Set(variables.secret)],
    limits: { seconds: job.timeouts.workSeconds, outputBytes: OUTPUT_BYTES, diskBytes: DISK_BYTES },
  };
}

/** The commands of a job: all before anything is changed (round 0), or the one of a round of the activation. */
function commandsFor(deployment: Deployment, round: number): readonly CommandHook[] {
  if (round === 0) return preCommands(deployment.snapshot);
  const hook = deployment.activation?.round === round ? presentHook(deployment) : undefined;
  return hook?.type === 'command' ? [hook] : [];
}

const commandOf = (hook: CommandHook): HookCommand => ({
  name: hook.name,
  command: hook.command,
  seconds: hookSeconds(hook),
});
