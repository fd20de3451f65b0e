import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildJob } from '../../shared/contracts/jobs.ts';
import { isCommitId } from '../../shared/domain/git-ref.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { InvalidGitRef } from '../../shared/errors/source.ts';
import type { Captured, WorkContext } from './context.ts';
import { createGit, explainGit, type Git, isHopeless } from './git.ts';
import { LeavesFolder, resolveInside } from './inside.ts';

/** A commit as the result of a job names it. */
export interface Commit {
  readonly sha: string;
  readonly message?: string;
  readonly author?: string;
}

type Source = Pick<BuildJob, 'repository' | 'commit' | 'ref'>;

/**
 * Checks the pinned commit out into the workspace, with as little history as the server lets us take.
 * @throws StageFailed, InvalidSourceUrl
 */
export async function cloneCommit(context: WorkContext, job: Source): Promise<Commit> {
  if (!isCommitId(job.commit)) throw new InvalidGitRef('not-a-commit');
  const git = createGit(context, job.repository);
  context.log.info(`Cloning ${git.url} at ${job.commit} (${job.ref})`);
  await initialise(git, job.commit);
  if (!(await fetchCommit(context, git, job.commit))) throw lostCommit(job.commit);
  await must(git, ['checkout', '--quiet', '--force', '--detach', job.commit], 'check the commit out');
  if (job.repository.submodules) await fetchSubmodules(context, git);
  await refuseLeavingLinks(context, git);
  sayAboutLfs(context);
  const commit = await describeCommit(git, job.commit);
  context.log.info(
    `Checked out ${commit.sha.slice(0, 12)}${commit.message ? `: ${firstLine(commit.message)}` : ''}`,
  );
  return commit;
}

export async function initialise(git: Git, commit: string): Promise<void> {
  const format = commit.length === 64 ? ['--object-format=sha256'] : [];
  await must(git, ['init', '--quiet', '--template=', ...format, '.'], 'make an empty repository');
}

const FETCH = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
const EVERYTHING = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];

/**
 * Fetches the commit alone; where the server refuses that (old servers, plain web folders), all branches and
 * tags.
 * @returns whether the repository has the commit
 */
export async function fetchCommit(context: WorkContext, git: Git, commit: string): Promise<boolean> {
  const alone = await git.run([...FETCH, '--depth=1', '--', git.url, commit]);
  if (alone.code !== 0) {
    if (isHopeless(alone)) throw explainGit('reach the repository', alone);
    context.log.info('The server does not hand out a single commit; fetching all branches and tags.');
    const whole = await git.run([...FETCH, '--', git.url, ...EVERYTHING]);
    if (whole.code !== 0) throw explainGit('reach the repository', whole);
  }
  return (await git.run(['cat-file', '-e', `${commit}^{commit}`])).code === 0;
}

async function fetchSubmodules(context: WorkContext, git: Git): Promise<void> {
  context.log.info('Fetching submodules');
  const args = ['submodule', 'update', '--quiet', '--init', '--recursive', '--depth=1'];
  const done = await git.runWithin(args);
  if (done.code !== 0) throw explainGit('fetch the submodules', done);
}

/** Whatever follows such a link, a build or this program, would read or write outside the repository. */
async function refuseLeavingLinks(context: WorkContext, git: Git): Promise<void> {
  const listed = await must(git, ['ls-files', '-s', '-z', '--recurse-submodules'], 'list the files');
  if (listed.cut) throw tooManyNames();
  const root = context.workspace.repository;
  for (const entry of listed.stdout.split('\0')) {
    if (!entry.startsWith('120000 ')) continue;
    const path = entry.slice(entry.indexOf('\t') + 1);
    try {
      resolveInside(root, path);
    } catch (cause) {
      if (!(cause instanceof LeavesFolder)) throw cause;
      throw new StageFailed('INVALID_CONFIG', `The repository’s symbolic link "${path}" leads out of it.`, {
        cause,
        suggestion: 'Remove the link, or make it point to something inside the repository.',
      });
    }
  }
}

/** A link behind the part of the list that was read would be a link that nobody looked at. */
function tooManyNames(): StageFailed {
  return new StageFailed('INVALID_CONFIG', 'The repository names more files than can be checked for links.', {
    suggestion: 'Deploy from a repository with fewer than 100,000 files.',
  });
}

function lostCommit(commit: string): StageFailed {
  return new StageFailed('INVALID_SOURCE_REF', `The repository has no commit ${commit}.`, {
    suggestion: 'Check the id; if a forced push removed the commit, deploy the branch again.',
  });
}

function sayAboutLfs(context: WorkContext): void {
  try {
    const attributes = readFileSync(join(context.workspace.repository, '.gitattributes'), 'utf8');
    if (!attributes.includes('filter=lfs')) return;
    context.log.warn('The repository uses Git LFS; those files stay the pointers that git holds.');
  } catch {
    // Most repositories have no attributes.
  }
}

const SEPARATOR = '\u001f';
const MAX_MESSAGE = 500;
const MAX_AUTHOR = 200;

export async function describeCommit(git: Git, commit: string): Promise<Commit> {
  const shown = await git.run(['show', '--no-patch', '--encoding=UTF-8', '--format=%an%x1f%B', commit, '--']);
  const [author = '', message = ''] = shown.stdout.split(SEPARATOR);
  return {
    sha: commit,
    ...(message.trim() === '' ? {} : { message: cut(message.trim(), MAX_MESSAGE) }),
    ...(author.trim() === '' ? {} : { author: cut(author.trim(), MAX_AUTHOR) }),
  };
}

/** Never ends in half of a character. */
export function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

async function must(git: Git, args: readonly string[], what: string): Promise<Captured> {
  const done = await git.run(args);
  if (done.code !== 0) throw explainGit(what, done);
  return done;
}
