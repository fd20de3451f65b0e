import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AddressRefused, HostUnreachable } from '../../../shared/errors/net.ts';
import {
  InvalidGitRef,
  NotARepository,
  RemoteAuthFailed,
  RemoteFailed,
} from '../../../shared/errors/source.ts';
import { parseAllowList } from '../../../shared/net/allow-list.ts';
import { type RefQuestion, resolveRemoteRef } from '../../../shared/net/git-refs.ts';
import { createGuardedFetch } from '../../../shared/net/guarded-fetch.ts';
import { systemResolver } from '../../../shared/net/resolver.ts';
import { type GitServerOptions, serveGit } from '../../support/git-http.ts';
import { type BareRepository, bareRepository, temporaryFolder } from '../../support/git-repository.ts';
import { listen } from '../../support/http-server.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

function fetchFor(host: string) {
  return createGuardedFetch({ resolve: systemResolver, allowList: parseAllowList([host]) });
}

/** Asks a server of its own for one ref of one of the repositories below. */
async function ask(
  question: Omit<RefQuestion, 'href'>,
  repository = 'app.git',
  options?: Partial<GitServerOptions>,
) {
  await using server = await serveGit({ root: folder.path, ...options });
  const href = `http://${server.host}/${repository}`;
  return await resolveRemoteRef({ href, ...question }, fetchFor(server.host));
}

let app: BareRepository;
let main: string;
let release: string;

beforeAll(() => {
  app = bareRepository(join(folder.path, 'app.git'));
  app.commit('main', 'first');
  main = app.commit('main', 'second');
  release = app.commit('release');
  app.commit('feature/login');
  app.commit('feature/logout');
  app.git('tag', 'light', main);
  app.git('tag', '--annotate', '-m', 'a release', 'v1.0.0', release);
  app.git('tag', '--annotate', '-m', 'a tag of a tag', 'nested', 'v1.0.0');
  app.git('tag', '--annotate', '-m', 'the same name as a branch', 'release', main);
  bareRepository(join(folder.path, 'empty.git'));
  bareRepository(join(folder.path, 'sha256.git'), '--object-format=sha256').commit('main');
});

describe.each([
  ['protocol 2', {}],
  ['an old server', { oldProtocol: true }],
])('over %s', (_what, options) => {
  test('a branch is pinned to its newest commit', async () => {
    const answer = await ask({ ref: 'main', type: 'branch' }, 'app.git', options);
    expect(answer).toEqual({ kind: 'resolved', sha: main, ref: 'refs/heads/main' });
  });

  test('a tag is pinned to its commit, an annotated or nested one as well', async () => {
    const light = await ask({ ref: 'light', type: 'tag' }, 'app.git', options);
    const annotated = await ask({ ref: 'v1.0.0', type: 'tag' }, 'app.git', options);
    const nested = await ask({ ref: 'nested' }, 'app.git', options);
    expect(light).toEqual({ kind: 'resolved', sha: main, ref: 'refs/tags/light' });
    expect(annotated).toEqual({ kind: 'resolved', sha: release, ref: 'refs/tags/v1.0.0' });
    expect(nested).toEqual({ kind: 'resolved', sha: release, ref: 'refs/tags/nested' });
  });

  test('of a branch and a tag of one name the type decides, and without a type the branch', async () => {
    const branch = { kind: 'resolved', sha: release, ref: 'refs/heads/release' };
    const tag = { kind: 'resolved', sha: main, ref: 'refs/tags/release' };
    expect(await ask({ ref: 'release', type: 'branch' }, 'app.git', options)).toEqual(branch);
    expect(await ask({ ref: 'release', type: 'tag' }, 'app.git', options)).toEqual(tag);
    expect(await ask({ ref: 'release' }, 'app.git', options)).toEqual(branch);
    expect(await ask({ ref: 'refs/tags/release' }, 'app.git', options)).toEqual(tag);
  });

  test('HEAD is the default branch', async () => {
    const answer = await ask({ ref: 'HEAD' }, 'app.git', options);
    expect(answer).toEqual({ kind: 'resolved', sha: main, ref: 'refs/heads/main' });
  });

  test('an unknown ref comes with the names that are there, likely ones first', async () => {
    const answer = await ask({ ref: 'feature/log' }, 'app.git', options);
    expect(answer).toEqual({
      kind: 'unknown-ref',
      known: ['main', 'feature/login', 'feature/logout', 'release', 'light', 'nested', 'v1.0.0'],
    });
  });

  test('the beginning of a name is not the name', async () => {
    expect(await ask({ ref: 'mai' }, 'app.git', options)).toMatchObject({ kind: 'unknown-ref' });
  });

  test('an empty repository knows no ref', async () => {
    const unknown = { kind: 'unknown-ref', known: [] };
    expect(await ask({ ref: 'main' }, 'empty.git', options)).toEqual(unknown);
    expect(await ask({ ref: 'HEAD' }, 'empty.git', options)).toEqual(unknown);
  });

  test('a repository with SHA-256 ids answers with one', async () => {
    const answer = await ask({ ref: 'main' }, 'sha256.git', options);
    expect(answer).toMatchObject({ kind: 'resolved', sha: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

test('a known branch costs two requests, whatever else the repository holds', async () => {
  await using server = await serveGit({ root: folder.path });
  await resolveRemoteRef({ href: `http://${server.host}/app.git/`, ref: 'main' }, fetchFor(server.host));
  expect(server.requests).toEqual([
    'GET /app.git/info/refs?service=git-upload-pack',
    'POST /app.git/git-upload-pack',
  ]);
});

test('a commit id is its own answer, without a request', async () => {
  const answer = { kind: 'resolved', sha: main, ref: main };
  const fetch = fetchFor('127.0.0.1:1');
  const href = 'http://127.0.0.1:1/app.git';
  expect(await resolveRemoteRef({ href, ref: main.toUpperCase(), type: 'commit' }, fetch)).toEqual(answer);
  expect(await resolveRemoteRef({ href, ref: main }, fetch)).toEqual(answer);
  await expect(resolveRemoteRef({ href, ref: main.slice(0, 8), type: 'commit' }, fetch)).rejects.toThrow(
    InvalidGitRef,
  );
});

describe('a credential', () => {
  const secret = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz';

  test('opens a private repository, as a bare token or with its user', async () => {
    const token = await ask({ ref: 'main', credential: secret }, 'app.git', {
      credential: { password: secret },
    });
    const withUser = await ask({ ref: 'main', credential: `bot:${secret}` }, 'app.git', {
      credential: { user: 'bot', password: secret },
    });
    expect(token).toMatchObject({ kind: 'resolved', sha: main });
    expect(withUser).toEqual(token);
  });

  test('that is missing or wrong is RemoteAuthFailed, and each says which', async () => {
    const wanted = { credential: { password: 'another' } };
    const missing = ask({ ref: 'main' }, 'app.git', wanted);
    await expect(missing).rejects.toThrow(RemoteAuthFailed);
    await expect(missing).rejects.toThrow(/wants a credential/);
    const wrong = ask({ ref: 'main', credential: secret }, 'app.git', wanted);
    await expect(wrong).rejects.toThrow(RemoteAuthFailed);
    await expect(wrong).rejects.toThrow(/refused the repository's credential/);
  });

  test.each([
    ['refused', { credential: { password: 'another' } }, 'app.git'],
    ['of a missing repository', {}, 'missing.git'],
  ])('%s stands nowhere in the error, causes included', async (_what, options, repository) => {
    const error = await ask({ ref: 'main', credential: secret }, repository, options).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(Error);
    const everything = inspect(error, { depth: Infinity, showHidden: true });
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(Buffer.from(secret).toString('base64').slice(4, -4));
  });
});

describe('a remote that is not one', () => {
  test('is NotARepository where the path is unknown', async () => {
    await expect(ask({ ref: 'main' }, 'missing.git')).rejects.toThrow(NotARepository);
  });

  test('is HostUnreachable where nobody listens', async () => {
    const server = await listen(() => {});
    await server[Symbol.asyncDispose]();
    const call = resolveRemoteRef(
      { href: `http://${server.host}/app.git`, ref: 'main' },
      fetchFor(server.host),
    );
    await expect(call).rejects.toThrow(HostUnreachable);
  });

  test('is refused where its address is private', async () => {
    const call = resolveRemoteRef({ href: 'https://10.0.0.1/app.git', ref: 'main' }, fetchFor('127.0.0.1:1'));
    await expect(call).rejects.toThrow(AddressRefused);
  });

  const advertisement = 'application/x-git-upload-pack-advertisement';
  test.each<[string, number, string, string, abstract new (...args: never[]) => Error]>([
    ['a web page', 200, 'text/html', '<html>', NotARepository],
    ['a dumb server', 200, 'text/plain', `${'a'.repeat(40)}\trefs/heads/main\n`, NotARepository],
    ['a sign-in page', 203, 'text/html', '<html>', RemoteAuthFailed],
    ['an overloaded server', 503, 'text/plain', '', RemoteFailed],
    ['a limited rate', 429, 'text/plain', '', RemoteFailed],
    ['nothing', 200, advertisement, '', RemoteFailed],
    ['no packet', 200, advertisement, 'hello', RemoteFailed],
    ['a packet cut off', 200, advertisement, '001e# service=git-upload', RemoteFailed],
    ['a list without its end', 200, advertisement, `003d${'a'.repeat(40)} refs/heads/main`, RemoteFailed],
    ['an id that is none', 200, advertisement, '0016zzz refs/heads/m\n0000', RemoteFailed],
    ['an error packet', 200, advertisement, '000fERR denied\n0000', RemoteFailed],
  ])('%s is told apart', async (_what, status, type, body, failure) => {
    await using server = await listen((_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const call = resolveRemoteRef(
      { href: `http://${server.host}/app.git`, ref: 'main' },
      fetchFor(server.host),
    );
    await expect(call).rejects.toBeInstanceOf(failure);
  });
});
