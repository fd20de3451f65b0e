import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, test } from 'vitest';
import { httpHandler } from '../../../functions/http/handler.ts';
import type { JobsDeps } from '../../../functions/jobs/deps.ts';
import { jobRoutes } from '../../../functions/jobs/routes.ts';
import { artifactPlace } from '../../../shared/contracts/job-results.ts';
import { type ClaimedJob, claimedJob } from '../../../shared/contracts/jobs.ts';
import { ARTIFACT_LIMITS } from '../../../shared/contracts/versions.ts';
import type { Grant } from '../../../shared/domain/access.ts';
import type { Project } from '../../../shared/domain/records.ts';
import { secretKey } from '../../../shared/platform/secret-values.ts';
import { changeWith, requireDeployment } from '../../../shared/store/deployments.ts';
import { transact } from '../../../shared/store/engine.ts';
import { cancelJob, getJob, type JobOffer, offerJob, verifyJobToken } from '../../../shared/store/jobs.ts';
import { createRunner, getRunner } from '../../../shared/store/runners.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { freshBucket, type TestBucket } from '../../support/bucket.ts';
import {
  type DeploymentFacts,
  givenDeployment,
  givenProject,
  quietLog,
  variable,
} from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { answerOf, contextOf, eventOf } from '../api/support.ts';

const EVERYWHERE: Grant[] = [{ role: 'deployer' }];
const SHA = 'a'.repeat(40);
const REPOSITORY = { url: 'https://git.example.org/shop.git', credential: 'GIT_TOKEN' };

let store: TestStore;
let buckets: Record<'secrets' | 'artifacts' | 'program', TestBucket>;
let handler: ReturnType<typeof httpHandler<JobsDeps>>;

beforeAll(async () => {
  store = await freshStore();
  const [secrets, artifacts, program] = await Promise.all([freshBucket(), freshBucket(), freshBucket()]);
  buckets = { secrets, artifacts, program };
  await program.put('runner.cjs', 'console.log("runner")');
  handler = httpHandler<JobsDeps>(jobRoutes, {
    store,
    log: quietLog,
    secrets: secrets.objects,
    artifacts: artifacts.objects,
    program: { objects: program.objects, key: 'runner.cjs' },
    websocketUrl: 'wss://sockets.example.org/live',
  });
});

async function send(request: string, sent: { token: string | null; body?: unknown }) {
  return answerOf(await handler(eventOf(request, sent, ''), contextOf()));
}

/** A label of its own keeps the jobs of one test from the agents of another. */
async function runnerToken(grants: readonly Grant[] = EVERYWHERE, label = `l-${ulid()}`) {
  const made = newToken(store, {
    kind: 'runner',
    name: 'agent',
    subject: 'runner',
    grants,
    groups: [],
    createdBy: 'ada',
    runner: { id: `run_${ulid()}`, label },
  });
  await transact(store, [made.write]);
  return { token: made.secret, label };
}

async function waiting(
  label: string | 'codebuild',
  facts: DeploymentFacts & { project?: Partial<Project>; offer?: Partial<JobOffer> } = {},
) {
  const { project, offer, ...deploymentFacts } = facts;
  const given = await givenProject(store, { project: { repository: REPOSITORY, ...project } });
  await buckets.secrets.put(secretKey(given.project.id, 'production', 'GIT_TOKEN', 2), 'git-secret-value');
  await buckets.secrets.put(secretKey(given.project.id, 'production', 'NPM_TOKEN', 1), 'npm-secret-value');
  await buckets.secrets.put(secretKey(given.project.id, 'production', 'API_KEY', 1), 'runtime-secret-value');
  const deployment = await givenDeployment(store, given, {
    ...deploymentFacts,
    snapshot: {
      build: { buildCommand: 'npm run build', outputDirectory: 'dist' },
      variables: {
        GIT_TOKEN: variable({ sensitive: true, revision: 2, use: 'runtime' }),
        NPM_TOKEN: variable({ sensitive: true, use: 'build' }),
        API_KEY: variable({ sensitive: true, use: 'runtime' }),
        PUBLIC_URL: variable({ value: 'https://shop.example.org', use: 'both' }),
      },
      ...deploymentFacts.snapshot,
    },
  });
  const { job, ticket } = await offerJob(store, {
    deploymentId: deployment.id,
    projectId: deployment.projectId,
    environment: deployment.environment,
    kind: 'build',
    round: 0,
    runner: label === 'codebuild' ? { kind: 'codebuild' } : { kind: 'agent', label },
    timeouts: { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 },
    ...offer,
  });
  return { deployment, job, ticket: ticket ?? '' };
}

const request = (over: Record<string, unknown> = {}) => ({
  nonce: `nonce-${ulid()}`,
  kinds: ['build', 'resolve'],
  name: 'host-1',
  ...over,
});

const claim = (token: string, body: unknown) => send('POST /v1/runner/claims', { token, body });

describe('an agent', () => {
  test('gets the pinned source, settings, variables of the build and what to mask', async () => {
    const { token, label } = await runnerToken();
    const { deployment, job } = await waiting(label);
    const { status, body } = await claim(token, request());
    expect(status).toBe(200);
    const claimed = claimedJob.parse(body);
    expect(claimed).toMatchObject({
      kind: 'build',
      jobKey: job.jobKey,
      deploymentId: deployment.id,
      environment: 'production',
      commit: SHA,
      ref: 'main',
      repository: { url: REPOSITORY.url, submodules: false, credential: 'git-secret-value' },
      build: { buildCommand: 'npm run build', outputDirectory: 'dist' },
      variables: { NPM_TOKEN: 'npm-secret-value', PUBLIC_URL: 'https://shop.example.org' },
      masked: ['git-secret-value', 'npm-secret-value'],
      beatEverySeconds: 15,
      unansweredLimitSeconds: 45,
    });
    expect(JSON.stringify(body)).not.toContain('runtime-secret-value');
    await verifyJobToken(store, job.jobKey, claimed.jobToken);
  });

  test('gets the commands of a hook with the artifact and the variables of the build, and no repository', async () => {
    const { token, label } = await runnerToken();
    const hooks = {
      pre: [{ type: 'command', name: 'before', command: 'true' }],
      post: [{ type: 'command', name: 'smoke', command: './smoke.sh', timeoutSeconds: 20 }],
      onPostFailure: 'fail',
    } as const;
    const { deployment, job } = await waiting(label, {
      stage: 'activate',
      snapshot: { hooks },
      artifact: { key: 'artifacts/a.zip', digest: 'b'.repeat(64), size: 10, files: 1 },
      activation: { round: 1, enteredAt: '2025-01-15T12:00:00.000Z', work: { kind: 'hook', hook: 0 } },
      offer: { kind: 'hook', round: 1 },
    });
    await changeWith(store, deployment.id, () => ({ job: job.jobKey }));
    const { status, body } = await claim(token, request({ kinds: ['hook'] }));
    expect(status).toBe(200);
    const claimed = claimedJob.parse(body);
    expect(claimed).toMatchObject({
      kind: 'hook',
      phase: 'post',
      hooks: [{ name: 'smoke', command: './smoke.sh', seconds: 20 }],
      artifact: { digest: 'b'.repeat(64), size: 10, url: expect.stringContaining('artifacts/a.zip') },
      variables: { NPM_TOKEN: 'npm-secret-value', PUBLIC_URL: 'https://shop.example.org' },
      masked: ['npm-secret-value'],
    });
    expect(JSON.stringify(body)).not.toMatch(/runtime-secret-value|git-secret-value/);
    const { deadlines } = await requireDeployment(store, deployment.id);
    expect(deadlines.stage).toBe(store.clock.now() + 1800_000);
    expect(deadlines.heartbeat).toBe(store.clock.now() + 60_000);
  });

  test('of before hooks is given neither their commands nor a build that has some in it', async () => {
    const { token, label } = await runnerToken();
    await waiting(label, { offer: { kind: 'hook', round: 0 } });
    const { job } = await waiting(label, { offer: { withHooks: true } });
    expect((await claim(token, request())).status).toBe(204);
    expect((await getJob(store, job.jobKey))?.state).toBe('offered');
  });

  test('moves the deployment: the claim deadline goes, heartbeat and build deadline come', async () => {
    const { token, label } = await runnerToken();
    const { deployment } = await waiting(label, {
      stage: 'build',
      status: 'building',
      deadlines: { claim: 1 },
    });
    await claim(token, request());
    const { runner, deadlines } = await requireDeployment(store, deployment.id);
    const now = store.clock.now();
    expect(runner).toBe('host-1');
    expect(deadlines).toEqual({ heartbeat: now + 60_000, stage: now + 1_800_000 });
  });

  test('gets the same answer to a repeated nonce', async () => {
    const { token, label } = await runnerToken();
    await waiting(label);
    await waiting(label);
    const body = request();
    const first = buildOf((await claim(token, body)).body);
    const second = buildOf((await claim(token, body)).body);
    expect(second).toEqual(first);
  });

  test('gets 204 and nothing else where nothing waits', async () => {
    const { token } = await runnerToken();
    expect(await claim(token, request())).toMatchObject({ status: 204, body: undefined });
  });

  test('of another project gets nothing', async () => {
    const label = `l-${ulid()}`;
    const { deployment } = await waiting(label);
    const other = await runnerToken([{ role: 'deployer', projectId: `prj_${ulid()}` }], label);
    expect((await claim(other.token, request())).status).toBe(204);
    const { projectId } = deployment;
    const staging = await runnerToken([{ role: 'deployer', projectId, environment: 'staging' }], label);
    expect((await claim(staging.token, request())).status).toBe(204);
    const right = await runnerToken([{ role: 'deployer', projectId, environment: 'production' }], label);
    expect((await claim(right.token, request())).status).toBe(200);
  });

  test('finds that a job of an ending deployment is gone, and the job is canceled', async () => {
    const { token, label } = await runnerToken();
    const { deployment, job } = await waiting(label);
    await changeWith(store, deployment.id, () => ({
      settling: { at: '2025-01-15T12:00:00.000Z', by: 'sweep' },
    }));
    expect((await claim(token, request())).status).toBe(204);
    expect((await getJob(store, job.jobKey))?.state).toBe('canceled');
  });

  test('may not ask for another label than its token has', async () => {
    const { token } = await runnerToken();
    expect(await claim(token, request({ label: 'other' }))).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_DENIED', field: '/label' },
    });
  });

  test('with a short heartbeat is told to beat more often', async () => {
    const { token, label } = await runnerToken();
    await waiting(label, { offer: { timeouts: { claimSeconds: 60, heartbeatSeconds: 8, workSeconds: 60 } } });
    const { beatEverySeconds, unansweredLimitSeconds } = buildOf((await claim(token, request())).body);
    expect([beatEverySeconds, unansweredLimitSeconds]).toEqual([2, 6]);
  });
});

describe('a resolve job', () => {
  test('carries the repository’s credential and no other secret', async () => {
    const { token, label } = await runnerToken();
    await waiting(label, {
      status: 'created',
      source: { type: 'branch', ref: 'main' },
      snapshot: { frozen: false },
      offer: { kind: 'resolve' },
    });
    const { body } = await claim(token, request());
    expect(claimedJob.parse(body)).toMatchObject({ kind: 'resolve', ref: 'main', refType: 'branch' });
    expect(JSON.stringify(body)).toContain('git-secret-value');
    expect(JSON.stringify(body)).not.toContain('npm-secret-value');
  });

  test('and no build job is given out before the gate has passed', async () => {
    const { token, label } = await runnerToken();
    await waiting(label, { snapshot: { frozen: false } });
    const { status, body } = await claim(token, request());
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret-value');
  });
});

describe('a claim ticket', () => {
  test('gets exactly its job, once; a repeat with its nonce gets it again', async () => {
    const { job, ticket } = await waiting('codebuild');
    const body = request({ jobKey: job.jobKey });
    const first = await claim(ticket, body);
    expect(first.status).toBe(200);
    expect(buildOf((await claim(ticket, body)).body).jobToken).toBe(buildOf(first.body).jobToken);
    expect(await claim(ticket, request({ jobKey: job.jobKey }))).toMatchObject({
      status: 410,
      body: { code: 'JOB_GONE' },
    });
  });

  test('does not open another job', async () => {
    const one = await waiting('codebuild');
    const other = await waiting('codebuild');
    const answer = await claim(one.ticket, request({ jobKey: other.job.jobKey }));
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });

  test('has to name its job', async () => {
    const { ticket } = await waiting('codebuild');
    expect(await claim(ticket, request())).toMatchObject({ status: 400, body: { field: '/jobKey' } });
  });
});

describe('the place of an artifact', () => {
  const bytes = Buffer.from('the bytes of a zip');
  const digestOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
  const ARTIFACT = { digest: digestOf(bytes), size: bytes.length, files: 1 };

  async function working() {
    const { token, label } = await runnerToken();
    const { deployment, job } = await waiting(label);
    const { jobToken } = buildOf((await claim(token, request())).body);
    const ask = (body: unknown, bearer: string | null = jobToken) =>
      send(`POST /v1/jobs/${job.jobKey}/artifact`, { token: bearer, body });
    return { deployment, job, ask };
  }

  test('takes the announced bytes, as often as it takes, under a key that names them', async () => {
    const { deployment, ask } = await working();
    const place = artifactPlace.parse((await ask(ARTIFACT)).body);
    for (let time = 0; time < 2; time += 1) {
      const put = await fetch(place.url, { method: 'PUT', headers: place.headers, body: bytes });
      expect(put.status).toBe(200);
    }
    const key = `artifacts/${deployment.id}/build-0-${ARTIFACT.digest}.zip`;
    expect(Buffer.from((await buckets.artifacts.objects.read(key)) ?? [])).toEqual(bytes);
  });

  test('is bound to length and digest by its signature', async () => {
    const { ask } = await working();
    const { url, headers } = artifactPlace.parse((await ask(ARTIFACT)).body);
    const signed = new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';');
    expect(signed).toEqual(
      expect.arrayContaining(['content-length', 'content-type', 'x-amz-checksum-sha256']),
    );
    expect(headers).toMatchObject({
      'content-length': String(bytes.length),
      'x-amz-checksum-sha256': Buffer.from(ARTIFACT.digest, 'hex').toString('base64'),
    });
    const other = Buffer.from('other bytes of a zip!'.slice(0, bytes.length));
    expect((await fetch(url, { method: 'PUT', headers, body: other })).status).toBe(400);
  });

  test.each([
    ['more bytes than an artifact may have', { size: ARTIFACT_LIMITS.bytes + 1 }, '/size'],
    ['more files than an artifact may have', { files: ARTIFACT_LIMITS.files + 1 }, '/files'],
    ['nothing', { size: 0 }, '/size'],
    ['no digest', { digest: 'x' }, '/digest'],
  ])('is not there for %s', async (_what, over, field) => {
    const { ask } = await working();
    expect(await ask({ ...ARTIFACT, ...over })).toMatchObject({ status: 400, body: { field } });
  });

  test('is for the token of the job, while it is at work and its deployment goes on', async () => {
    const { deployment, job, ask } = await working();
    expect((await ask(ARTIFACT, 'slj_wrong')).status).toBe(401);
    expect((await ask(ARTIFACT, null)).status).toBe(401);
    await changeWith(store, deployment.id, () => ({
      settling: { at: new Date(store.clock.now()).toISOString(), by: 'test' },
    }));
    expect(await ask(ARTIFACT)).toMatchObject({ status: 410, body: { code: 'JOB_GONE' } });
    const next = await working();
    await cancelJob(store, next.job.jobKey);
    expect((await next.ask(ARTIFACT)).status).toBe(410);
    expect(job.jobKey).not.toBe(next.job.jobKey);
  });
});

describe('the address of the socket', () => {
  test('is told to runners and to nobody else', async () => {
    const { token } = await runnerToken();
    expect(await send('GET /v1/runner/address', { token })).toMatchObject({
      status: 200,
      body: { websocketUrl: 'wss://sockets.example.org/live' },
    });
    expect((await send('GET /v1/runner/address', { token: null })).status).toBe(401);
    expect((await send('GET /v1/runner/address', { token: 'slp_nonsense' })).status).toBe(401);
  });
});

describe('who is refused', () => {
  test('an API token', async () => {
    const made = newToken(store, {
      kind: 'api',
      name: 't',
      subject: 'ada',
      grants: EVERYWHERE,
      groups: [],
      createdBy: 'x',
    });
    await transact(store, [made.write]);
    expect((await claim(made.secret, request())).status).toBe(403);
  });

  test('nobody at all', async () => {
    expect((await send('POST /v1/runner/claims', { token: null, body: request() })).status).toBe(401);
    expect((await claim('slp_nonsense', request())).status).toBe(401);
  });

  test.each([
    ['a nonce that is too short', { nonce: 'short' }, '/nonce'],
    ['a kind that does not exist', { kinds: ['release'] }, '/kinds/0'],
    ['a field that nobody knows', { extra: 1 }, '/extra'],
    ['a runner that names its job', { jobKey: `dep_${ulid()}.build.0` }, '/jobKey'],
  ])('%s', async (_what, over, field) => {
    const { token } = await runnerToken();
    expect(await claim(token, request(over))).toMatchObject({ status: 400, body: { field } });
  });
});

test('a runner that asked for work shows when it did, also where there was none', async () => {
  const id = `run_${ulid()}`;
  const runner = {
    kind: 'runner',
    name: 'agent',
    subject: 'runner',
    grants: EVERYWHERE,
    groups: [],
  } as const;
  const { secret, token, write } = newToken(store, { ...runner, createdBy: 'ada', runner: { id } });
  const createdAt = new Date(0).toISOString();
  const facts = { id, name: 'agent', tokenId: token.id, createdAt, createdBy: 'ada' };
  await transact(store, [write, createRunner(facts)]);
  expect((await claim(secret, request({ label: `l-${ulid()}` }))).status).toBe(204);
  expect((await getRunner(store, id))?.lastSeen).toMatch(/^20\d\d-/);
});

test('the runner’s program is one link away, for everybody', async () => {
  const { status, headers } = await send('GET /v1/runner/program', { token: null });
  expect(status).toBe(302);
  expect(await (await fetch(headers['location'] ?? '')).text()).toBe('console.log("runner")');
});

function buildOf(body: unknown): Extract<ClaimedJob, { kind: 'build' }> {
  const job = claimedJob.parse(body);
  if (job.kind !== 'build') throw new Error(`expected a build job, not ${job.kind}`);
  return job;
}
