import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolve } from '../../../functions/targets/resolve.ts';
import type { Deployment, VariableRef } from '../../../shared/domain/records.ts';
import { parseAllowList } from '../../../shared/net/allow-list.ts';
import { createGuardedFetch } from '../../../shared/net/guarded-fetch.ts';
import { secretKey } from '../../../shared/platform/secret-values.ts';
import { serveGit } from '../../support/git-http.ts';
import { type BareRepository, bareRepository, temporaryFolder } from '../../support/git-repository.ts';
import { givenDeployment, givenProject, variable } from '../../support/given.ts';
import { openWorld } from './world.ts';

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../shared/net/fixtures', name), 'utf8');
const tls = { key: fixture('example-test.key.pem'), cert: fixture('example-test.cert.pem') };
const TOKEN = 'git-secret-value';
const signal = new AbortController().signal;

interface Asked {
  readonly ref?: string;
  readonly credential?: string;
  readonly variables?: Readonly<Record<string, VariableRef>>;
  /** Another host or scheme than the git server's. */
  readonly url?: string;
}

/** Asks a git server over TLS that wants a token, as the gate does through the function. */
async function ask(asked: Asked, prepare: (repository: BareRepository) => void = () => {}) {
  await using world = await openWorld();
  using folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'shop.git'));
  const sha = repository.commit('main');
  prepare(repository);
  await using server = await serveGit({ root: folder.path, credential: { password: TOKEN }, tls });
  const host = `app.example.test:${server.port}`;
  const { store } = world;
  const credential = asked.credential ?? 'GIT_TOKEN';
  const given = await givenProject(store, {
    project: { repository: { url: asked.url ?? `https://${host}/shop.git`, credential } },
    environment: { variables: asked.variables ?? { GIT_TOKEN: variable({ sensitive: true, revision: 3 }) } },
  });
  await world.secrets.put(secretKey(given.project.id, 'production', 'GIT_TOKEN', 3), TOKEN);
  await world.secrets.put(secretKey(given.project.id, 'production', 'GIT_TOKEN', 2), 'an-old-token');
  const deployment: Deployment = await givenDeployment(store, given, {
    status: 'created',
    source: { type: 'branch', ref: asked.ref ?? 'main' },
    snapshot: { frozen: false },
  });
  const fetch = createGuardedFetch({
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    allowList: parseAllowList([host]),
    ca: tls.cert,
  });
  return { sha, answer: await resolve({ ...world.deps, fetch }, deployment.id, signal) };
}

test('a branch is pinned to its commit, with the credential as the environment has it now', async () => {
  const { sha, answer } = await ask({});
  expect(answer).toEqual({ kind: 'resolved', sha, ref: 'refs/heads/main' });
});

test('an unknown ref is answered with names that there are', async () => {
  const { answer } = await ask({ ref: 'mian' }, (repository) => repository.commit('develop'));
  expect(answer).toEqual({ kind: 'unknown-ref', known: ['main', 'develop'] });
});

test('a token that the host refuses is a failure of its own, and stands in no message', async () => {
  const { answer } = await ask({ variables: { GIT_TOKEN: variable({ sensitive: true, revision: 2 }) } });
  expect(answer).toMatchObject({ kind: 'failed', code: 'AUTH_FAILED' });
  expect(JSON.stringify(answer)).not.toContain('an-old-token');
});

test('a credential that the environment does not have is named', async () => {
  const { answer } = await ask({ credential: 'DEPLOY_KEY' });
  expect(answer).toMatchObject({
    kind: 'failed',
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('DEPLOY_KEY') as unknown,
  });
});

test('a host that is not on the public internet is not asked', async () => {
  const { answer } = await ask({ url: 'https://metadata.example/shop.git' });
  expect(answer).toMatchObject({ kind: 'failed', code: 'INVALID_CONFIG' });
});

test('another scheme needs a runner', async () => {
  const { answer } = await ask({ url: 'ssh://git@example.test/shop.git' });
  expect(answer).toMatchObject({ kind: 'failed', code: 'INVALID_CONFIG' });
});
