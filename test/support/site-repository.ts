import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A repository with a work tree; `url` is its file:// address. */
export interface SiteRepository {
  readonly folder: string;
  readonly url: string;
  /** Writes files, commits them, and returns the commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): string;
}

const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Somebody Else',
  GIT_AUTHOR_EMAIL: 'somebody@example.com',
  GIT_COMMITTER_NAME: 'Somebody Else',
  GIT_COMMITTER_EMAIL: 'somebody@example.com',
};

/** Somebody's repository: empty, or with the files of a folder. */
export function siteRepository(from?: string): SiteRepository {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-site-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { env: ENV, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  if (from !== undefined) cpSync(from, folder, { recursive: true });
  const commit: SiteRepository['commit'] = (files, message = 'A change') => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  commit({});
  return { folder, url: `file://${folder}`, commit };
}
