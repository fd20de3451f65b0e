import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { git } from './git.ts';

/** What a build leaves behind is not source. */
const BUILT = new Set(['node_modules', 'dist']);

export const EXAMPLE_BRANCH = 'main';

/**
 * Makes a git repository out of a folder, or brings the one of an earlier run up to date with a further commit
 * where the folder has changed. Gives back the commit at the head of its branch.
 */
export async function makeRepository(source: string, repository: string): Promise<string> {
  await mkdir(repository, { recursive: true });
  const begun = await stat(join(repository, '.git')).catch(() => undefined);
  if (begun === undefined) await git(repository, 'init', '--quiet', `--initial-branch=${EXAMPLE_BRANCH}`);
  // A deployment pins a commit; it may no longer be the head of the branch when it is cloned.
  await git(repository, 'config', 'uploadpack.allowAnySHA1InWant', 'true');

  for (const name of await readdir(repository)) {
    if (name !== '.git') await rm(join(repository, name), { recursive: true, force: true });
  }
  await cp(source, repository, { recursive: true, filter: (path) => !BUILT.has(basename(path)) });

  await git(repository, 'add', '--all');
  const changed = await git(repository, 'status', '--porcelain');
  if (changed !== '') await git(repository, 'commit', '--quiet', '--message', 'Bring the example up to date');
  return git(repository, 'rev-parse', 'HEAD');
}
