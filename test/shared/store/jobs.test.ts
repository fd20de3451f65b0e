import { ulid } from 'ulid';
import { describe, expect, test } from 'vitest';
import type { JobResult } from '../../../shared/contracts/job-results.ts';
import { Refused, Unauthenticated } from '../../../shared/errors/requests.ts';
import { type AgentClaim, claimJob, claimNextJob } from '../../../shared/store/job-claims.ts';
import {
  cancelJob,
  finishJob,
  getJob,
  type JobOffer,
  jobsOf,
  loseJob,
  offerJob,
  verifyJobToken,
} from '../../../shared/store/jobs.ts';
import { freshStore } from '../../support/store.ts';

const PROJECT = 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const TIMEOUTS = { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 };
const FAILED: JobResult = {
  outcome: 'failed',
  lines: 3,
  failure: {
    code: 'BUILD_FAILED',
    step: 'build',
    message: 'The build command ended with exit code 7.',
    exitCode: 7,
    retryable: false,
    suggestion: 'Read the last lines of the build.',
  },
};

const offer = (over: Partial<JobOffer> = {}): JobOffer => ({
  deploymentId: `dep_${ulid()}`,
  projectId: PROJECT,
  environment: 'production',
  kind: 'build',
  round: 1,
  runner: { kind: 'agent', label: 'default' },
  timeouts: TIMEOUTS,
  ...over,
});

const agent = (over: Partial<AgentClaim> = {}): AgentClaim => ({
  tokenId: `tok_${ulid()}`,
  nonce: `nonce-${ulid()}`,
  name: 'host-1',
  label: 'default',
  kinds: ['build', 'resolve'],
  serves: () => true,
  ...over,
});

describe('offering', () => {
  test('a round has one job, however often it is offered', async () => {
    const store = await freshStore();
    const wish = offer();
    const first = await offerJob(store, wish);
    store.clock.advance(5000);
    const second = await offerJob(store, wish);
    expect(second.job).toEqual(first.job);
    expect(await jobsOf(store, wish.deploymentId)).toEqual([first.job]);
  });

  test('an offer for agents carries no ticket', async () => {
    const store = await freshStore();
    expect((await offerJob(store, offer())).ticket).toBeUndefined();
  });

  test('a repeated offer of a waiting CodeBuild job voids the earlier ticket', async () => {
    const store = await freshStore();
    const wish = offer({ runner: { kind: 'codebuild' } });
    const first = await offerJob(store, wish);
    const second = await offerJob(store, wish);
    const claim = { jobKey: first.job.jobKey, nonce: 'n'.repeat(16), name: 'codebuild' };
    await expect(claimJob(store, { ...claim, ticket: first.ticket ?? '' })).rejects.toThrow(Unauthenticated);
    const claimed = await claimJob(store, { ...claim, ticket: second.ticket ?? '' });
    expect(claimed.job.state).toBe('claimed');
    expect(await offerJob(store, wish)).toEqual({ job: claimed.job });
  });

  test('no CodeBuild job is ever given to an agent', async () => {
    const store = await freshStore();
    await offerJob(store, offer({ runner: { kind: 'codebuild' } }));
    expect(await claimNextJob(store, agent())).toBeUndefined();
  });
});

describe('claims of agents', () => {
  test('of twenty agents that want one job, exactly one gets it', async () => {
    const store = await freshStore();
    const { job } = await offerJob(store, offer());
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, i) => claimNextJob(store, agent({ name: `host-${i}` }))),
    );
    const winners = claims.filter((claim) => claim !== undefined);
    expect(winners).toHaveLength(1);
    expect(await getJob(store, job.jobKey)).toEqual(winners[0]?.job);
  });

  test('twenty agents and twenty jobs: every job has one agent and every agent one job', async () => {
    const store = await freshStore();
    await Promise.all(Array.from({ length: 20 }, () => offerJob(store, offer())));
    const claims = await Promise.all(Array.from({ length: 20 }, () => claimNextJob(store, agent())));
    expect(new Set(claims.map((claim) => claim?.job.jobKey)).size).toBe(20);
    expect(claims).not.toContain(undefined);
  });

  test('the oldest job goes first', async () => {
    const store = await freshStore();
    const jobs = [];
    for (let i = 0; i < 3; i += 1) {
      jobs.push((await offerJob(store, offer())).job.jobKey);
      store.clock.advance(1000);
    }
    const got = [];
    for (let i = 0; i < 3; i += 1) got.push((await claimNextJob(store, agent()))?.job.jobKey);
    expect(got).toEqual(jobs);
  });

  test('a claim repeated with its nonce gets the same job and the same token', async () => {
    const store = await freshStore();
    await offerJob(store, offer());
    await offerJob(store, offer());
    const who = agent();
    const first = await claimNextJob(store, who);
    expect(first).toBeDefined();
    expect(await claimNextJob(store, who)).toEqual(first);
  });

  test('ten claims at once with one nonce end with one job', async () => {
    const store = await freshStore();
    for (let i = 0; i < 5; i += 1) await offerJob(store, offer());
    const who = agent();
    const claims = await Promise.all(Array.from({ length: 10 }, () => claimNextJob(store, who)));
    expect(new Set(claims.map((claim) => claim?.jobToken)).size).toBe(1);
    expect(claims[0]).toBeDefined();
    const next = await Promise.all(Array.from({ length: 5 }, () => claimNextJob(store, agent())));
    expect(next.filter((claim) => claim !== undefined)).toHaveLength(4);
  });

  test("one token's nonce says nothing about another token's", async () => {
    const store = await freshStore();
    await offerJob(store, offer());
    await offerJob(store, offer());
    const nonce = 'shared-nonce-1234';
    const first = await claimNextJob(store, agent({ nonce }));
    const second = await claimNextJob(store, agent({ nonce }));
    expect(first?.job.jobKey).not.toBe(second?.job.jobKey);
    expect(second).toBeDefined();
  });

  test('a place that the token does not name is passed over', async () => {
    const store = await freshStore();
    await offerJob(store, offer());
    store.clock.advance(1);
    const staging = await offerJob(store, offer({ environment: 'staging' }));
    const only = agent({ serves: ({ environment }) => environment === 'staging' });
    expect((await claimNextJob(store, only))?.job.jobKey).toBe(staging.job.jobKey);
    expect(await claimNextJob(store, { ...only, nonce: 'another-nonce-000' })).toBeUndefined();
  });

  test('labels and kinds keep jobs apart', async () => {
    const store = await freshStore();
    await offerJob(store, offer({ runner: { kind: 'agent', label: 'gpu' } }));
    await offerJob(store, offer({ kind: 'resolve' }));
    expect(await claimNextJob(store, agent({ kinds: ['build'] }))).toBeUndefined();
    expect((await claimNextJob(store, agent({ kinds: ['build'], label: 'gpu' })))?.job.kind).toBe('build');
    expect((await claimNextJob(store, agent({ kinds: ['resolve'] })))?.job.kind).toBe('resolve');
  });

  test('nobody claims a job past its deadline', async () => {
    const store = await freshStore();
    await offerJob(store, offer());
    store.clock.advance(TIMEOUTS.claimSeconds * 1000);
    expect(await claimNextJob(store, agent())).toBeUndefined();
  });

  test.each([['canceled', cancelJob] as const, ['lost', loseJob] as const])(
    'nobody claims a job that was %s',
    async (state, end) => {
      const store = await freshStore();
      const { job } = await offerJob(store, offer());
      expect((await end(store, job.jobKey)).state).toBe(state);
      expect(await claimNextJob(store, agent())).toBeUndefined();
    },
  );
});

describe('claim tickets', () => {
  const waiting = async () => {
    const store = await freshStore();
    const { job, ticket = '' } = await offerJob(store, offer({ runner: { kind: 'codebuild' } }));
    const claim = { jobKey: job.jobKey, ticket, nonce: 'a-nonce-of-codebuild', name: 'codebuild' };
    return { store, claim };
  };

  test('a ticket works once, and its repeat with the same nonce gets the same token', async () => {
    const { store, claim } = await waiting();
    const first = await claimJob(store, claim);
    expect(await claimJob(store, claim)).toEqual(first);
    await expect(claimJob(store, { ...claim, nonce: 'a-stolen-ticket-now' })).rejects.toThrow(Refused);
  });

  test('ten runs of one ticket with different nonces: one gets the job', async () => {
    const { store, claim } = await waiting();
    const claims = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => claimJob(store, { ...claim, nonce: `nonce-number-${i}-of-ten` })),
    );
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a wrong ticket and an unknown job are refused alike', async () => {
    const { store, claim } = await waiting();
    const other = `dep_${ulid()}.build.1`;
    await expect(claimJob(store, { ...claim, ticket: 'slc_wrong' })).rejects.toThrow(Unauthenticated);
    await expect(claimJob(store, { ...claim, jobKey: other })).rejects.toThrow(Unauthenticated);
    await expect(claimJob(store, { ...claim, jobKey: 'nonsense' })).rejects.toThrow(Unauthenticated);
  });

  test('a ticket is no longer good past the claim deadline', async () => {
    const { store, claim } = await waiting();
    store.clock.advance(TIMEOUTS.claimSeconds * 1000);
    await expect(claimJob(store, claim)).rejects.toMatchObject({ code: 'JOB_GONE' });
  });
});

describe('job tokens', () => {
  test('only the token of the claim opens the job', async () => {
    const store = await freshStore();
    const { job } = await offerJob(store, offer());
    await expect(verifyJobToken(store, job.jobKey, 'slj_anything')).rejects.toThrow(Unauthenticated);
    const claimed = await claimNextJob(store, agent());
    expect(await verifyJobToken(store, job.jobKey, claimed?.jobToken ?? '')).toEqual(claimed?.job);
    await expect(verifyJobToken(store, job.jobKey, 'slj_anything')).rejects.toThrow(Unauthenticated);
    await expect(verifyJobToken(store, 'x', claimed?.jobToken ?? '')).rejects.toThrow(Unauthenticated);
  });
});

describe('results', () => {
  const running = async () => {
    const store = await freshStore();
    const { job } = await offerJob(store, offer());
    await claimNextJob(store, agent());
    return { store, jobKey: job.jobKey };
  };

  test('a result is written once and a repeat of it is recognised', async () => {
    const { store, jobKey } = await running();
    const first = await finishJob(store, jobKey, FAILED);
    expect(first).toMatchObject({
      outcome: 'finished',
      repeated: false,
      job: { state: 'finished', result: FAILED },
    });
    expect(await finishJob(store, jobKey, FAILED)).toEqual({ ...first, repeated: true });
  });

  test('another result for a finished job is not taken', async () => {
    const { store, jobKey } = await running();
    await finishJob(store, jobKey, FAILED);
    const other = await finishJob(store, jobKey, { outcome: 'canceled', lines: 0 });
    expect(other).toMatchObject({ outcome: 'gone', job: { result: FAILED } });
  });

  test.each([['canceled', cancelJob] as const, ['lost', loseJob] as const])(
    'a %s job takes no result',
    async (state, end) => {
      const { store, jobKey } = await running();
      await end(store, jobKey);
      expect(await finishJob(store, jobKey, FAILED)).toMatchObject({ outcome: 'gone', job: { state } });
    },
  );

  test('a job that nobody claimed takes no result', async () => {
    const store = await freshStore();
    const { job } = await offerJob(store, offer());
    expect(await finishJob(store, job.jobKey, FAILED)).toMatchObject({ outcome: 'gone' });
  });

  test('a finished job stays finished when it is canceled or called lost later', async () => {
    const { store, jobKey } = await running();
    await finishJob(store, jobKey, FAILED);
    expect((await cancelJob(store, jobKey)).state).toBe('finished');
    expect((await loseJob(store, jobKey)).state).toBe('finished');
  });
});
