import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder, removed at the end of its scope. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A bare repository for tests, changed by git's own plumbing and untouched by the configuration of the machine. */
export interface BareRepository {
  readonly path: string;
  git(...args: readonly string[]): string;
  /** Adds a commit with an empty tree on top of the branch and returns its id. */
  commit(branch: string, message?: string): string;
}

export function bareRepository(path: string, ...initOptions: readonly string[]): BareRepository {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', path, ...args], { env: gitEnvironment, encoding: 'utf8', input: '' }).trim();
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', ...initOptions, path], {
    env: gitEnvironment,
  });
  const commit = (branch: string, message = 'a change') => {
    const ref = `refs/heads/${branch}`;
    const parents = git('for-each-ref', '--format=-p %(objectname)', ref);
    const tree = git('mktree');
    const id = git('commit-tree', ...parents.split(' ').filter(Boolean), '-m', message, tree);
    git('update-ref', ref, id);
    return id;
  };
  return { path, git, commit };
}

const person = { name: 'Test', email: 'test@example.test', date: '2024-01-01T00:00:00Z' };
const gitEnvironment = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'advice.nestedTag',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_AUTHOR_NAME: person.name,
  GIT_AUTHOR_EMAIL: person.email,
  GIT_AUTHOR_DATE: person.date,
  GIT_COMMITTER_NAME: person.name,
  GIT_COMMITTER_EMAIL: person.email,
  GIT_COMMITTER_DATE: person.date,
};
