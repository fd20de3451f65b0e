import { expect, test } from 'vitest';
import { runResolveJob } from '../../../runner/work/resolve.ts';
import type { ResolveJob } from '../../../shared/contracts/jobs.ts';
import { createRepository, resolveJob, settings } from '../fixtures.ts';
import { startWork } from './context.ts';

function repositoryWithTags() {
  const repository = createRepository({ 'index.html': 'one' });
  const first = repository.git('rev-parse', 'HEAD');
  repository.git('tag', 'light');
  repository.git('tag', '-a', 'v1.0', '-m', 'Release');
  repository.git('branch', 'feature/new');
  const second = repository.commit('Second', { 'index.html': 'two' });
  return { repository, first, second };
}

async function resolve(change: (known: ReturnType<typeof repositoryWithTags>) => Partial<ResolveJob>) {
  await using work = await startWork();
  const known = repositoryWithTags();
  const job = resolveJob(known.repository, change(known));
  return { known, outcome: await runResolveJob(work.context, job) };
}

test('a branch is its newest commit', async () => {
  const { known, outcome } = await resolve(() => ({ ref: 'main' }));
  expect(outcome).toEqual({ outcome: 'resolved', commit: { sha: known.second } });
});

test('a branch with a slash in its name is found by its whole name', async () => {
  const { known, outcome } = await resolve(() => ({ ref: 'feature/new' }));
  expect(outcome).toEqual({ outcome: 'resolved', commit: { sha: known.first } });
});

test.each(['light', 'v1.0'])('the tag %s is the commit it stands for', async (ref) => {
  const { known, outcome } = await resolve(() => ({ ref, refType: 'tag' }));
  expect(outcome).toEqual({ outcome: 'resolved', commit: { sha: known.first } });
});

test('a commit is itself, with its message', async () => {
  const { known, outcome } = await resolve(({ first }) => ({ ref: first, refType: 'commit' }));
  expect(outcome).toEqual({
    outcome: 'resolved',
    commit: { sha: known.first, message: 'First page', author: 'Ada' },
  });
});

test.each([
  ['branch', 'new', /has: feature\/new, main\./],
  ['branch', 'v1.0', /has: feature\/new, main\./],
  ['tag', 'v2.0', /has: light, v1\.0\./],
  ['commit', 'b'.repeat(40), /no commit b/],
] as const)('an unknown %s is INVALID_SOURCE_REF and names what there is', async (refType, ref, message) => {
  const failed = resolve(() => ({ ref, refType }));
  await expect(failed).rejects.toMatchObject({ code: 'INVALID_SOURCE_REF' });
  await expect(failed).rejects.toThrow(message);
});

test.each(['--upload-pack=x', 'a..b', 'ma*n', ''])('%j is no name of a branch', async (ref) => {
  await expect(resolve(() => ({ ref }))).rejects.toMatchObject({ code: 'INVALID_SOURCE_REF' });
});

test.each(['http://127.0.0.1:1/site.git', 'git://127.0.0.1:1/site.git', 'file:///srv/site.git'])(
  '%s is not looked at by a runner that was not allowed its scheme',
  async (url) => {
    await using work = await startWork(settings({ schemes: ['https', 'ssh'] }));
    const job = resolveJob(repositoryWithTags().repository, { repository: { url, submodules: false } });
    await expect(runResolveJob(work.context, job)).rejects.toMatchObject({ reason: 'scheme' });
  },
);
