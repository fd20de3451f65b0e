import type { ResolveJob } from '../../shared/contracts/jobs.ts';
import { parseGitRef } from '../../shared/domain/git-ref.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { Outcome } from '../protocol/poster.ts';
import { type Commit, describeCommit, fetchCommit, initialise } from './clone.ts';
import type { WorkContext } from './context.ts';
import { createGit, explainGit, type Git } from './git.ts';

/** How many existing names a failure mentions. */
const KNOWN_NAMES = 5;
const refLine = /^([0-9a-f]{40}|[0-9a-f]{64})\t(\S+)$/;

/**
 * Finds the commit that a branch, tag or commit id means right now. Says nothing on the way: somebody waits for
 * the answer, and every batch of lines before it would be a request more.
 * @throws StageFailed (INVALID_SOURCE_REF) where the repository has nothing of that name
 */
export async function runResolveJob(context: WorkContext, job: ResolveJob): Promise<Outcome> {
  const ref = parseGitRef(job.ref, job.refType);
  const git = createGit(context, job.repository);
  const commit =
    job.refType === 'commit' ? await findCommit(context, git, ref) : await findNamed(git, job, ref);
  return { outcome: 'resolved', commit };
}

async function findNamed(git: Git, job: ResolveJob, ref: string): Promise<Commit> {
  const name = job.refType === 'tag' ? `refs/tags/${ref}` : `refs/heads/${ref}`;
  const refs = await listRefs(git, [name, `${name}^{}`]);
  // An annotated tag is an object of its own; what it points to is listed as `^{}`.
  const sha = refs.get(`${name}^{}`) ?? refs.get(name);
  if (sha !== undefined) return { sha };
  throw await unknownRef(git, job, ref);
}

/** Servers list the ends of branches and tags only, so any other commit must be fetched to be believed. */
async function findCommit(context: WorkContext, git: Git, sha: string): Promise<Commit> {
  await initialise(git, sha);
  if (await fetchCommit(context, git, sha)) return describeCommit(git, sha);
  throw new StageFailed('INVALID_SOURCE_REF', `The repository has no commit ${sha}.`, {
    suggestion: 'Check the commit id, and that the commit was pushed.',
  });
}

async function listRefs(git: Git, patterns: readonly string[]): Promise<Map<string, string>> {
  const listed = await git.run(['ls-remote', '--quiet', '--', git.url, ...patterns]);
  if (listed.code !== 0) throw explainGit('list the branches and tags of the repository', listed);
  const refs = new Map<string, string>();
  for (const line of listed.stdout.split('\n')) {
    const [, sha, name] = refLine.exec(line) ?? [];
    if (sha !== undefined && name !== undefined) refs.set(name, sha);
  }
  return refs;
}

async function unknownRef(git: Git, job: ResolveJob, ref: string): Promise<StageFailed> {
  const prefix = job.refType === 'tag' ? 'refs/tags/' : 'refs/heads/';
  const known = [...(await listRefs(git, [`${prefix}*`])).keys()]
    .filter((name) => name.startsWith(prefix) && !name.endsWith('^{}'))
    .map((name) => name.slice(prefix.length));
  const shown = known.slice(0, KNOWN_NAMES).join(', ') + (known.length > KNOWN_NAMES ? ', …' : '');
  const others = known.length === 0 ? `It has no ${job.refType} at all.` : `It has: ${shown}.`;
  return new StageFailed('INVALID_SOURCE_REF', `The repository has no ${job.refType} "${ref}". ${others}`, {
    suggestion: `Check the name of the ${job.refType}, and that it was pushed.`,
  });
}
