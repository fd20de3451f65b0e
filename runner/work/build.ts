import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildJob } from '../../shared/contracts/jobs.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { Random } from '../../shared/platform/random.ts';
import { killProcesses } from '../process/kill.ts';
import { artifactPlaceFor } from '../protocol/artifact-place.ts';
import type { Outcome } from '../protocol/poster.ts';
import { writeArtifact } from './artifact.ts';
import { cloneCommit } from './clone.ts';
import { runLogged, type WorkContext } from './context.ts';
import { buildEnvironment } from './environment.ts';
import { runHooks } from './hooks.ts';
import { findOutputDirectory, insideRepository } from './output-directory.ts';
import { listOutput } from './output-files.ts';
import { type PackageJson, readPackageJson } from './package-json.ts';
import { detectPackageManager, findLockFolder } from './package-manager.ts';
import { withNode, withPackageManager } from './tools.ts';
import { uploadArtifact } from './upload.ts';
import { giveTo } from './workspace.ts';

type Environment = Readonly<Record<string, string>>;

/**
 * Clone, install, build, commands of hooks, upload. What hooks do changes nothing of what is deployed: it is packed
 * before they run.
 * @throws StageFailed, InvalidSourceUrl, InvalidGitRef; JobStopped where the job was ended
 */
export async function runBuildJob(context: WorkContext, job: BuildJob, random: Random): Promise<Outcome> {
  const { log, clock, settings, workspace } = context;
  const startedAt = clock.now();
  log.enter('clone');
  const commit = await cloneCommit(context, job);
  if (settings.buildUser !== undefined) await giveTo(settings.buildUser, workspace);
  const repository = realpathSync(workspace.repository);
  const folder = rootDirectory(repository, job.build.rootDirectory);
  const { output, env } = await buildFolder(context, job, repository, folder);
  const hooks = job.hooks ?? [];
  if (hooks.length === 0) log.enter('upload');
  // What a build left running must not change files while they are read.
  await killProcesses({ mark: job.jobId, ofUser: context.ofUser }, clock);
  const files = listOutput(output, job.limits.artifactFiles);
  if (files.length === 0) throw emptyOutput();
  const artifact = await writeArtifact(files, workspace.artifact, job.limits.artifactBytes, context.signal);
  if (hooks.length > 0) {
    await runHooks(context, hooks, { phase: 'pre', cwd: folder, env });
    await killProcesses({ mark: job.jobId, ofUser: context.ofUser }, clock);
    log.enter('upload');
  }
  log.info(`Uploading ${artifact.files} files, ${artifact.size} bytes (sha256 ${artifact.digest})`);
  const { signal } = context;
  await uploadArtifact({
    file: workspace.artifact,
    size: artifact.size,
    place: () => artifactPlaceFor(context.base, job, artifact, signal),
    signal,
    clock,
    random,
  });
  return {
    outcome: 'built',
    artifact,
    commit: masked(commit, log.mask),
    seconds: (clock.now() - startedAt) / 1000,
  };
}

function rootDirectory(repository: string, name: string | undefined): string {
  if (name === undefined) return repository;
  const folder = insideRepository(repository, repository, name, 'root directory');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new StageFailed('INVALID_CONFIG', `The repository has no folder "${name}".`, {
    suggestion: 'Set build.rootDirectory of the project to a folder of the repository.',
  });
}

/** A project that is built, with the environment that it was built in. */
interface BuiltProject {
  /** The folder to deploy. */
  readonly output: string;
  readonly env: Environment;
}

/** Installs and builds. */
async function buildFolder(
  context: WorkContext,
  job: BuildJob,
  repository: string,
  folder: string,
): Promise<BuiltProject> {
  const { log, settings, workspace } = context;
  const description = readPackageJson(folder);
  const lockFolder = findLockFolder(repository, folder);
  const manager = description && detectPackageManager(lockFolder, readPackageJson(lockFolder) ?? description);
  const buildCommand =
    job.build.buildCommand ?? (hasBuildScript(description) ? manager?.buildCommand : undefined);
  const question = {
    folder,
    repository,
    given: job.build.outputDirectory,
    framework: job.build.framework,
    description,
  };
  const installCommand =
    job.build.installCommand ?? (isSet(buildCommand) ? manager?.installCommand : undefined);
  let env: Environment = buildEnvironment(job, settings, workspace);
  if (!isSet(installCommand) && !isSet(buildCommand)) {
    log.info('There is nothing to install and no build command; the files are taken as they are.');
    return { output: findOutputDirectory({ ...question, builtAt: undefined }), env };
  }
  log.enter(isSet(installCommand) ? 'install' : 'build');
  env = await withNode(context, job.build.nodeVersion, env);
  if (manager !== undefined) env = await withPackageManager(context, manager, env);
  if (manager !== undefined && manager.lockFile === undefined) {
    log.warn('There is no lock file: the same commit may get other packages next time.');
  }
  const builtAt = await buildBegins(context);
  if (isSet(installCommand)) await runStep(context, 'install', installCommand, lockFolder, env);
  if (isSet(buildCommand)) {
    log.enter('build');
    await runStep(context, 'build', buildCommand, folder, env);
  }
  return { output: findOutputDirectory({ ...question, builtAt }), env };
}

/** More than the coarsest tick by which a kernel stamps files. */
const STAMP_MS = 20;

/** A time that all files of the clone are older than, and all that the build writes are newer than. */
async function buildBegins(context: WorkContext): Promise<number> {
  const marker = join(context.workspace.secret, 'build-began');
  writeFileSync(marker, '');
  await context.clock.sleep(STAMP_MS, context.signal);
  return statSync(marker).ctimeMs;
}

async function runStep(
  context: WorkContext,
  step: 'install' | 'build',
  command: string,
  cwd: string,
  env: Environment,
): Promise<void> {
  const { log, settings } = context;
  log.info(`$ ${command}`);
  const exit = await runLogged(context, {
    program: 'sh',
    args: ['-c', command],
    cwd,
    env: { ...env, PWD: cwd },
    user: settings.buildUser,
  });
  if (exit.code === 0) return;
  const how = exit.signal === undefined ? `exited with ${exit.code}` : `was ended by ${exit.signal}`;
  const last = log.tail().join('\n');
  throw new StageFailed('BUILD_FAILED', `The ${step} command ${how}.${last === '' ? '' : `\n${last}`}`, {
    exitCode: exit.code,
    suggestion:
      exit.signal === 'SIGKILL' || exit.code === 137
        ? 'The machine was probably out of memory: use a larger runner, or make the build use less.'
        : `Look at the lines of step ${step}; the same command in a fresh clone should fail alike.`,
  });
}

function hasBuildScript(description: PackageJson | undefined): boolean {
  return typeof description?.scripts?.['build'] === 'string';
}

/** An empty command means: do not, also where one would be found. */
function isSet(command: string | undefined): command is string {
  return command !== undefined && command.trim() !== '';
}

function masked(commit: { sha: string; message?: string; author?: string }, mask: (text: string) => string) {
  return {
    sha: commit.sha,
    ...(commit.message === undefined ? {} : { message: mask(commit.message).slice(0, 500) }),
    ...(commit.author === undefined ? {} : { author: mask(commit.author).slice(0, 200) }),
  };
}

function emptyOutput(): StageFailed {
  return new StageFailed('INVALID_CONFIG', 'The output folder is empty.', {
    suggestion: 'Check build.outputDirectory, and that the build command writes to it.',
  });
}
