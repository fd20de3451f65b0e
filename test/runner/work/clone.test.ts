import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cloneCommit } from '../../../runner/work/clone.ts';
import { listen } from '../../support/http-server.ts';
import { createRepository, settings, type TestRepository, tempFolder } from '../fixtures.ts';
import { serveDumb, serveGit, serveHttp } from '../git-servers.ts';
import { startWork, type TestWork } from './context.ts';

function clone(
  work: TestWork,
  url: string,
  commit: string,
  more: { credential?: string; submodules?: boolean } = {},
) {
  const repository = { url, submodules: false, ...more };
  return cloneCommit(work.context, { repository, commit, ref: 'main' });
}

/** Two commits on main; the second is the newest. */
function twoCommits(): { repository: TestRepository; first: string; second: string } {
  const repository = createRepository({ 'index.html': 'one' });
  const first = repository.git('rev-parse', 'HEAD');
  const second = repository.commit('Second page\n\nwith a longer story', { 'index.html': 'two' });
  return { repository, first, second };
}

function page(work: TestWork): string {
  return readFileSync(join(work.context.workspace.repository, 'index.html'), 'utf8');
}

/** Hands a request on to a port of this machine, its answer back. */
function forward(request: IncomingMessage, response: ServerResponse, port: string): void {
  const { method, url, headers } = request;
  const onward = ask({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(onward);
}

function depth(work: TestWork): number {
  const options = { cwd: work.context.workspace.repository, encoding: 'utf8' } as const;
  return Number(execFileSync('git', ['rev-list', '--count', 'HEAD'], options));
}

describe('a pinned commit', () => {
  test('is cloned alone by file://, with its message and author', async () => {
    await using work = await startWork();
    const { repository, second } = twoCommits();
    expect(await clone(work, repository.url, second)).toEqual({
      sha: second,
      message: 'Second page\n\nwith a longer story',
      author: 'Ada',
    });
    expect([page(work), depth(work)]).toEqual(['two', 1]);
  });

  test('is cloned alone when it is not the newest of any branch', async () => {
    await using work = await startWork();
    const { repository, first } = twoCommits();
    await clone(work, repository.url, first);
    expect([page(work), depth(work)]).toEqual(['one', 1]);
  });

  test('is cloned by http://', async () => {
    await using work = await startWork();
    const { repository, first } = twoCommits();
    await using server = await serveHttp(repository);
    await clone(work, server.url, first);
    expect([page(work), depth(work)]).toEqual(['one', 1]);
  });

  test('is cloned by git://', async () => {
    await using work = await startWork();
    const { repository, first } = twoCommits();
    await using server = await serveGit(repository);
    await clone(work, server.url, first);
    expect(page(work)).toBe('one');
  });

  test('is found in the whole history where the server hands out no single commits', async () => {
    await using work = await startWork();
    const { repository, first } = twoCommits();
    await using server = await serveDumb(repository);
    await clone(work, server.url, first);
    expect(page(work)).toBe('one');
    expect((await work.messages()).join('\n')).toContain('fetching all branches and tags');
  });

  test('that is not there any more ends with INVALID_SOURCE_REF', async () => {
    await using work = await startWork();
    const { repository } = twoCommits();
    await expect(clone(work, repository.url, 'b'.repeat(40))).rejects.toMatchObject({
      code: 'INVALID_SOURCE_REF',
    });
  });

  test('of a repository that does not exist ends with a failure that says what git said', async () => {
    await using work = await startWork();
    const failed = clone(work, `file://${tempFolder()}/nothing`, 'b'.repeat(40));
    await expect(failed).rejects.toMatchObject({ code: 'BUILD_FAILED', exitCode: 128 });
    await expect(failed).rejects.toThrow(/does not appear to be a git repository/);
  });
});

describe('a token', () => {
  const token = 'ghs_SecretOfTheRepository';
  const header = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;

  test('reaches the server and stays out of the clone', async () => {
    await using work = await startWork();
    const { repository, second } = twoCommits();
    await using server = await serveHttp(repository, header);
    await clone(work, server.url, second, { credential: `${token}\n` });
    expect(page(work)).toBe('two');
    const search = `grep -rl -e ${token} -e ${header.slice(6)} . || true`;
    const cwd = work.context.workspace.repository;
    const everything = execFileSync('sh', ['-c', search], { cwd, encoding: 'utf8' });
    expect(everything).toBe('');
  }, 15_000);

  test('that is wrong ends with AUTH_FAILED, and nobody is asked for another', async () => {
    await using work = await startWork();
    const { repository, second } = twoCommits();
    await using server = await serveHttp(repository, header);
    await expect(clone(work, server.url, second, { credential: 'wrong' })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
    });
    await expect(clone(work, server.url, second)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  test('does not go along with a redirect to another host', async () => {
    await using work = await startWork();
    const { repository, second } = twoCommits();
    await using elsewhere = await serveHttp(repository, header);
    await using server = await listen((request, response) => {
      const location = elsewhere.url
        .replace('127.0.0.1', 'localhost')
        .replace(/\/[^/]+\/\.git$/, request.url ?? '');
      response.writeHead(301, { location }).end();
    });
    const path = elsewhere.url.slice(elsewhere.url.indexOf('/', 'http://'.length));
    const failed = clone(work, `http://${server.host}${path}`, second, { credential: token });
    await expect(failed).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(elsewhere.authorizations.length).toBeGreaterThan(0);
    expect(elsewhere.authorizations.filter((sent) => sent !== undefined)).toEqual([]);
  });

  test('goes along with a redirect to the new name of a repository', async () => {
    await using work = await startWork();
    const { repository, second } = twoCommits();
    await using behind = await serveHttp(repository, header);
    await using server = await listen((request, response) => {
      const renamed = request.url?.startsWith('/old/') ? request.url.slice('/old'.length) : undefined;
      if (renamed !== undefined) response.writeHead(301, { location: renamed }).end();
      else forward(request, response, new URL(behind.url).port);
    });
    const path = behind.url.slice(behind.url.indexOf('/', 'http://'.length));
    await clone(work, `http://${server.host}/old${path}`, second, { credential: token });
    expect(page(work)).toBe('two');
  });

  test('may bring its own user name', async () => {
    await using work = await startWork();
    const { repository, second } = twoCommits();
    await using server = await serveHttp(repository, `Basic ${btoa('deploy:secret')}`);
    await clone(work, server.url, second, { credential: 'deploy:secret' });
    expect(page(work)).toBe('two');
  });
});

describe('by ssh', () => {
  /** Stands where ssh does: notes how it was called, then does what the far side would do. */
  function fakeSsh() {
    const programs = tempFolder('programs');
    const seen = join(programs, 'seen');
    writeFileSync(
      join(programs, 'ssh'),
      `#!/bin/sh\nprintf '%s\\n' "$@" > ${seen}\nprintf %s "$SSH_AUTH_SOCK" > ${seen}.agent\nfor a; do case "$a" in */key) cat "$a" > ${seen}.key; stat -c %a "$a" > ${seen}.mode;; esac; last=$a; done\nexec sh -c "$last"\n`,
    );
    chmodSync(join(programs, 'ssh'), 0o755);
    const read = (what = '') => readFileSync(`${seen}${what}`, 'utf8');
    return { path: `${programs}:${process.env['PATH']}`, read };
  }
  const urlOf = (folder: string) => `ssh://git@git.example.com${folder}`;
  /** Nothing by which the machine itself would be let in. */
  const CLOSED = ['-F\n/dev/null', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'GSSAPIAuthentication=no'];

  test('the key is a file that only the runner can read, and never an argument', async () => {
    const ssh = fakeSsh();
    await using work = await startWork(settings({ path: ssh.path }));
    const { repository, second } = twoCommits();
    await clone(work, urlOf(repository.folder), second, { credential: 'PRIVATE KEY' });
    expect(page(work)).toBe('two');
    expect(ssh.read('.key')).toBe('PRIVATE KEY\n');
    expect(ssh.read('.mode').trim()).toBe('600');
    const argv = ssh.read();
    expect(argv).not.toContain('PRIVATE');
    expect(argv).toContain('StrictHostKeyChecking=accept-new');
    // Not in a job's folder: what the next job remembers of a host is what makes a changed one noticed.
    expect(argv).toContain(`UserKnownHostsFile=${join(work.context.settings.workDir, 'known_hosts')}`);
    for (const option of CLOSED) expect(argv).toContain(option);
  });

  test('without a credential the runner shows no key of its own', async () => {
    const ssh = fakeSsh();
    const passedEnvironment = { SSH_AUTH_SOCK: '/run/agent' };
    await using work = await startWork(settings({ path: ssh.path, passedEnvironment }));
    const { repository, second } = twoCommits();
    await clone(work, urlOf(repository.folder), second);
    const argv = ssh.read();
    for (const option of [...CLOSED, 'IdentityFile=none']) expect(argv).toContain(option);
  });

  test('its operator may lend the runner’s own keys, agent and configuration, for what has no credential', async () => {
    const ssh = fakeSsh();
    const ownSsh = { SSH_AUTH_SOCK: '/run/agent' };
    await using work = await startWork(settings({ path: ssh.path, ownSsh }));
    const { repository, second } = twoCommits();
    await clone(work, urlOf(repository.folder), second);
    expect(ssh.read('.agent')).toBe('/run/agent');
    for (const option of [...CLOSED, 'IdentityFile', 'StrictHostKeyChecking'])
      expect(ssh.read()).not.toContain(option);

    await using other = await startWork(settings({ path: ssh.path, ownSsh }));
    await clone(other, urlOf(repository.folder), second, { credential: 'PRIVATE KEY' });
    expect(ssh.read('.agent')).toBe('');
    for (const option of CLOSED) expect(ssh.read()).toContain(option);
  });
});

describe('what is refused', () => {
  test.each([
    ['an option', '--upload-pack=touch /tmp/owned'],
    ['a transport helper', 'ext::sh -c touch% /tmp/owned'],
    ['a password in the address', 'https://user:password@git.example.com/a'],
  ])('%s as an address', async (_name, url) => {
    await using work = await startWork();
    await expect(clone(work, url, 'b'.repeat(40))).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  test('a scheme that this runner was not allowed', async () => {
    await using work = await startWork(settings({ schemes: ['https', 'ssh'] }));
    const { repository, second } = twoCommits();
    await expect(clone(work, repository.url, second)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  test('an option as a commit', async () => {
    await using work = await startWork();
    const { repository } = twoCommits();
    await expect(clone(work, repository.url, '--upload-pack=x')).rejects.toMatchObject({
      code: 'INVALID_SOURCE_REF',
    });
  });

  test.each([
    ['to another folder', '../../home'],
    ['to the root', '/etc/passwd'],
    ['to a place that does not exist yet', '../new'],
  ])('a repository with a symbolic link %s', async (_name, target) => {
    await using work = await startWork();
    const { repository } = twoCommits();
    symlinkSync(target, join(repository.folder, 'dist'));
    const commit = repository.commit('Add a link');
    const failed = clone(work, repository.url, commit);
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(failed).rejects.toThrow(/"dist" leads out/);
  });
});

test('a repository is refused where its list of files is too long to be checked for links', async () => {
  await using work = await startWork();
  const repository = createRepository({ 'index.html': 'one' });
  const blob = repository.git('rev-parse', 'HEAD:index.html');
  const tree = (entries: readonly string[]) =>
    execFileSync('git', ['mktree'], {
      cwd: repository.folder,
      input: `${entries.join('\n')}\n`,
      encoding: 'utf8',
    });
  // Few files with long paths, which make as long a list as hundreds of thousands with short ones.
  let top = tree(Array.from({ length: 5_600 }, (_, i) => `100644 blob ${blob}\t${i}`));
  for (let depth = 0; depth < 12; depth += 1)
    top = tree([`040000 tree ${top.trim()}\t${'folder'.repeat(42)}`]);
  const commit = repository.git('commit-tree', top.trim(), '-m', 'Long paths');
  repository.git('update-ref', 'refs/heads/main', commit);
  await expect(clone(work, repository.url, commit)).rejects.toThrow(/more files than can be checked/);
}, 20_000);

test('a link inside the repository is fine', async () => {
  await using work = await startWork();
  const { repository } = twoCommits();
  symlinkSync('index.html', join(repository.folder, 'start.html'));
  await clone(work, repository.url, repository.commit('Add a link'));
  expect(readFileSync(join(work.context.workspace.repository, 'start.html'), 'utf8')).toBe('two');
});

describe('submodules', () => {
  function withSubmodule() {
    const part = createRepository({ 'part.txt': 'part' });
    const { repository } = twoCommits();
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', part.url, 'part');
    return { repository, commit: repository.commit('Add a part') };
  }

  test('are left out by default', async () => {
    await using work = await startWork();
    const { repository, commit } = withSubmodule();
    await clone(work, repository.url, commit);
    expect(existsSync(join(work.context.workspace.repository, 'part', 'part.txt'))).toBe(false);
  });

  test('may not name a folder or a port of the runner’s machine where the repository came from elsewhere', async () => {
    await using work = await startWork();
    const { repository, commit } = withSubmodule();
    await using server = await serveGit(repository);
    const failed = clone(work, server.url, commit, { submodules: true });
    await expect(failed).rejects.toThrow(/transport 'file' not allowed/);
    expect(existsSync(join(work.context.workspace.repository, 'part', 'part.txt'))).toBe(false);
  });

  test('come along where the project asks for them', async () => {
    await using work = await startWork();
    const { repository, commit } = withSubmodule();
    await clone(work, repository.url, commit, { submodules: true });
    expect(existsSync(join(work.context.workspace.repository, 'part', 'part.txt'))).toBe(true);
  });
});

test('hooks, filters and settings of machine and repository do not run', async () => {
  await using work = await startWork();
  const { repository } = twoCommits();
  const commit = repository.commit('Add a filter', {
    '.gitattributes': '*.html filter=evil\n*.bin filter=lfs\n',
  });
  await clone(work, repository.url, commit);
  expect(page(work)).toBe('two');
  expect(existsSync(join(work.context.workspace.repository, '.git', 'hooks'))).toBe(false);
  expect((await work.messages()).join('\n')).toContain('Git LFS');
});
