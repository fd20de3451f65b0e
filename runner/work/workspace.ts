import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildUser } from '../process/user.ts';
import type { RunnerSettings } from '../settings.ts';
import { openCache } from './cache.ts';

const run = promisify(execFile);
const TREE_TIMEOUT_MS = 60_000;

/** The folders of one job. Everything in them goes when the job ends. */
export interface Workspace {
  readonly folder: string;
  readonly repository: string;
  readonly home: string;
  readonly temp: string;
  /** Only the runner may look in here: keys, pipes, the artifact. */
  readonly secret: string;
  readonly artifact: string;
}

/**
 * @param jobId names the folder; ids hold no separators
 * @param project whose builds share a cache of downloads; without it nothing is cached
 * @param busy projects that build at the same time
 */
export function createWorkspace(
  jobId: string,
  settings: RunnerSettings,
  project?: string,
  busy?: ReadonlySet<string>,
): Workspace {
  const folder = join(settings.workDir, 'jobs', jobId);
  const workspace: Workspace = {
    folder,
    repository: join(folder, 'repository'),
    home: join(folder, 'home'),
    temp: join(folder, 'tmp'),
    secret: join(folder, 'secret'),
    artifact: join(folder, 'secret', 'artifact.zip'),
  };
  mkdirSync(folder, { recursive: true });
  // Another user may go through, not look around.
  for (const path of [join(settings.workDir, 'jobs'), folder]) chmodSync(path, 0o711);
  const { repository, home, temp, secret } = workspace;
  for (const path of [repository, home, temp, secret]) mkdirSync(path, { mode: 0o700 });
  writeNpmrc(workspace, settings, project === undefined ? undefined : openCache(project, settings, busy));
  return workspace;
}

/** npm's settings as a file, so that the environment of a build stays what was declared. */
function writeNpmrc(workspace: Workspace, settings: RunnerSettings, cache: string | undefined): void {
  const lines = ['update-notifier=false', 'fund=false', 'audit=false'];
  if (settings.npmrc !== undefined) lines.push(readFileSync(settings.npmrc, 'utf8'));
  if (cache !== undefined) lines.push(`cache=${cache}`);
  writeFileSync(join(workspace.home, '.npmrc'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** Hands the folders of the build to the user it runs as. Links are changed, never what they point to. */
export async function giveTo(user: BuildUser, workspace: Workspace): Promise<void> {
  const owner = `${user.uid}:${user.gid}`;
  const { repository, home, temp } = workspace;
  await run('chown', ['-R', '-P', '-h', owner, repository, home, temp], { timeout: TREE_TIMEOUT_MS });
}

export async function removeWorkspace(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove();
  } catch {
    // A build may have left folders that forbid even their owner to look in.
    await run('chmod', ['-R', 'u+rwX', folder], { timeout: TREE_TIMEOUT_MS }).catch(() => {});
    await remove();
  }
}
