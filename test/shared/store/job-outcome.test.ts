import { describe, expect, test } from 'vitest';
import type { JobResult } from '../../../shared/contracts/job-results.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { builtArtifactKey } from '../../../shared/platform/upload-keys.ts';
import { beginStage, changeWith, requireDeployment } from '../../../shared/store/deployments.ts';
import { claimNextJob } from '../../../shared/store/job-claims.ts';
import { takeResult } from '../../../shared/store/job-outcome.ts';
import { cancelJob, finishJob, getJob, offerJob } from '../../../shared/store/jobs.ts';
import { storeToken } from '../../../shared/store/task-tokens.ts';
import { getVersion } from '../../../shared/store/versions.ts';
import { freshBucket } from '../../support/bucket.ts';
import { type DeploymentFacts, givenDeployment, givenProject, variable } from '../../support/given.ts';
import { freshStore } from '../../support/store.ts';
import { taskMachine } from '../../support/task-machine.ts';

const SHA = 'a'.repeat(40);
const ARTIFACT = { digest: 'd'.repeat(64), size: 11, files: 2 };
const built = (over: Partial<Extract<JobResult, { outcome: 'built' }>> = {}): JobResult => ({
  outcome: 'built',
  lines: 10,
  artifact: ARTIFACT,
  commit: { sha: SHA, message: 'Fix the door', author: 'Ada' },
  seconds: 12,
  ...over,
});
const failed: Extract<JobResult, { outcome: 'failed' }> = {
  outcome: 'failed',
  lines: 10,
  failure: {
    code: 'BUILD_FAILED',
    step: 'build',
    message: 'The build command ended with exit code 7.',
    exitCode: 7,
    retryable: false,
    suggestion: 'Read the last lines.',
  },
};

/** A deployment whose build (or resolve) job an agent has claimed, and whose token waits. */
async function running(kind: 'build' | 'resolve' = 'build', facts: DeploymentFacts = {}) {
  const store = await freshStore();
  const bucket = await freshBucket();
  const machine = taskMachine();
  const deployment = await givenDeployment(store, await givenProject(store), facts);
  const entry = { executionArn: 'arn:execution', enteredAt: '2025-01-15T12:00:00.000Z' };
  if (kind === 'build') {
    await beginStage(store, deployment.id, 'build', entry);
    machine.waitFor('token');
    await storeToken(store, machine, deployment.id, 'build', 0, { ...entry, token: 'token', retryCount: 0 });
  }
  const { job } = await offerJob(store, {
    deploymentId: deployment.id,
    projectId: deployment.projectId,
    environment: deployment.environment,
    kind,
    round: 0,
    runner: { kind: 'agent', label: 'default' },
    timeouts: { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 },
  });
  await claimNextJob(store, {
    tokenId: 'tok_1',
    nonce: 'nonce-of-this-agent',
    name: 'agent',
    label: 'default',
    kinds: [kind],
    serves: () => true,
  });
  return {
    store,
    machine,
    jobKey: job.jobKey,
    deployment,
    upload: (bytes: number) =>
      bucket.put(builtArtifactKey(deployment.id, 0, ARTIFACT.digest), Buffer.alloc(bytes)),
    take: (result: JobResult) =>
      takeResult(store, { machine, artifacts: bucket.objects }, job.jobKey, result),
    record: (): Promise<Deployment> => requireDeployment(store, deployment.id),
  };
}

describe('a build that succeeded', () => {
  test('puts its artifact and commit on deployment and version, ends the stage and answers the token', async () => {
    const { take, upload, record, store, machine, deployment } = await running();
    await upload(ARTIFACT.size);
    expect(await take(built())).toBe('taken');
    const now = await record();
    const artifact = { key: builtArtifactKey(deployment.id, 0, ARTIFACT.digest), ...ARTIFACT };
    const commit = { sha: SHA, message: 'Fix the door', author: 'Ada' };
    expect(now).toMatchObject({ artifact, source: { commit }, progress: 50 });
    expect(now.stages.find(({ name }) => name === 'build')?.status).toBe('succeeded');
    expect(await getVersion(store, deployment.versionId)).toMatchObject({ artifact, commit });
    expect(machine.answers.get('token')).toEqual({ ok: true });
  });

  test('a repeated result changes nothing more', async () => {
    const { take, upload, record, machine } = await running();
    await upload(ARTIFACT.size);
    await take(built());
    const before = await record();
    expect(await take(built())).toBe('taken');
    expect(await record()).toEqual(before);
    expect(machine.answers.size).toBe(1);
  });

  test('a crash right after the job was finished is made up for by the repeat', async () => {
    const { store, take, upload, record, machine, jobKey } = await running();
    await upload(ARTIFACT.size);
    await finishJob(store, jobKey, built());
    expect(machine.answers.size).toBe(0);
    await take(built());
    expect(machine.answers.get('token')).toEqual({ ok: true });
    expect((await record()).artifact).toMatchObject(ARTIFACT);
  });

  test('with an environment’s own variables in it the artifact stays with the deployment', async () => {
    const { take, upload, record, store, deployment } = await running('build', {
      snapshot: { variables: { PUBLIC_URL: variable({ value: 'https://example.org', use: 'build' }) } },
    });
    await upload(ARTIFACT.size);
    await take(built());
    expect((await record()).artifact).toMatchObject(ARTIFACT);
    const version = await getVersion(store, deployment.versionId);
    expect(version?.artifact).toBeUndefined();
    expect(version?.commit?.sha).toBe(SHA);
  });
});

describe('a result that does not hold', () => {
  test.each([
    ['nothing was uploaded', undefined, {}, 'UPLOAD_FAILED', 'none was stored'],
    ['another size was uploaded', 5, {}, 'UPLOAD_FAILED', 'one of 5 bytes was stored'],
    [
      'another commit was built',
      11,
      { commit: { sha: 'b'.repeat(40) } },
      'BUILD_FAILED',
      `pinned was ${SHA}`,
    ],
    [
      'there are too many files',
      11,
      { artifact: { ...ARTIFACT, files: 20_001 } },
      'INVALID_CONFIG',
      '20001 files',
    ],
  ])('%s', async (_what, bytes, over, code, words) => {
    const { take, upload, record, machine } = await running();
    if (bytes !== undefined) await upload(bytes);
    expect(await take(built(over))).toBe('taken');
    const now = await record();
    expect(now.failure).toMatchObject({
      code,
      stage: 'build',
      message: expect.stringContaining(words) as unknown,
    });
    expect(now.artifact).toBeUndefined();
    expect(machine.answers.get('token')).toEqual({ ok: false, code });
  });
});

describe('a build that failed', () => {
  test('carries its exit code to the record', async () => {
    const { take, record, machine } = await running();
    await take(failed);
    expect((await record()).failure).toMatchObject({ code: 'BUILD_FAILED', exitCode: 7, stage: 'build' });
    expect(machine.answers.get('token')).toEqual({ ok: false, code: 'BUILD_FAILED' });
  });

  test('because it was told to stop is no failure', async () => {
    const { take, record, machine, store, deployment } = await running();
    await changeWith(store, deployment.id, () => ({
      cancelRequested: { at: '2025-01-15T12:00:00.000Z', by: 'ada' },
    }));
    await take({ outcome: 'canceled', lines: 3 });
    expect((await record()).failure).toBeUndefined();
    expect(machine.answers.get('token')).toEqual({ ok: false, code: 'CANCELED' });
  });

  test('because the runner stopped by itself is a lost runner', async () => {
    const { take, record } = await running();
    await take({ outcome: 'canceled', lines: 3 });
    expect((await record()).failure).toMatchObject({ code: 'RUNNER_LOST', stage: 'build' });
  });

  test('a result for a canceled job is not taken', async () => {
    const { take, record, store, jobKey, machine } = await running();
    await cancelJob(store, jobKey);
    const before = await record();
    expect(await take(failed)).toBe('gone');
    expect(await record()).toEqual(before);
    expect(machine.answers.size).toBe(0);
    expect((await getJob(store, jobKey))?.state).toBe('canceled');
  });
});

describe('a ref that a runner looked up', () => {
  const open: DeploymentFacts = { status: 'created', source: { type: 'branch', ref: 'main' } };
  const resolved: JobResult = { outcome: 'resolved', lines: 0, commit: { sha: SHA } };

  test('pins the source and wakes the gate in one write', async () => {
    const { take, record } = await running('resolve', open);
    const before = await record();
    await take(resolved);
    expect(await record()).toMatchObject({
      source: { commit: { sha: SHA } },
      wake: before.wake + 1,
      revision: before.revision + 1,
    });
  });

  test('wakes the gate once, however often it is reported', async () => {
    const { take, record } = await running('resolve', open);
    await take(resolved);
    const { wake } = await record();
    await take(resolved);
    expect((await record()).wake).toBe(wake);
  });

  test('a failure is what the gate finds when it wakes', async () => {
    const { take, record } = await running('resolve', open);
    await take({ ...failed, failure: { ...failed.failure, code: 'INVALID_SOURCE_REF' } });
    const now = await record();
    expect(now.failure).toMatchObject({ code: 'INVALID_SOURCE_REF', stage: 'gate' });
    expect(now.wake).toBe(1);
  });
});
