import type { BuildJob, ClaimedJob, ResolveJob } from '../../shared/contracts/jobs.ts';
import { ARTIFACT_LIMITS } from '../../shared/contracts/versions.ts';
import type { Deployment, Project } from '../../shared/domain/records.ts';
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
  const [credential, project] = await Promise.all([
    credentialOf(deps, deployment),
    requireProject(deps.store, deployment.projectId),
  ]);
  const base = {
    jobKey: job.jobKey,
    jobId: job.id,
    deploymentId: job.deploymentId,
    round: job.round,
    jobToken,
    repository: repositoryOf(deployment, project, credential),
    masked: credential === undefined ? [] : [credential],
    ...beats(job),
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
  const variables = await readVariables(deps.secrets, deployment, (_, { use }) => use !== 'runtime');
  return {
    ...base,
    kind: 'build',
    environment,
    commit: source.commit.sha,
    ref: source.ref,
    build: snapshot.build,
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
