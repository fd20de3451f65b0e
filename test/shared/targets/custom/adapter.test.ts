import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FenceLost, OutcomeUnknown, StageFailed } from '../../../../shared/errors/deployments.ts';
import { AddressRefused, HostUnreachable, RedirectRefused } from '../../../../shared/errors/net.ts';
import { InvalidWebhookSecret } from '../../../../shared/errors/webhooks.ts';
import { type CustomWorld, customWorld, released, SECRET } from './world.ts';

let world: CustomWorld;
beforeAll(async () => {
  world = await customWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function servedAt(projectId: string): Promise<string | undefined> {
  const answer = await fetch(world.server.address(projectId, 'production'));
  return answer.headers.get('x-release') ?? undefined;
}

const caught = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what the server is told', () => {
  test('start hands on artifact, configuration and variables, and not the signing secret', async () => {
    const ctx = world.environment().deployment();
    await world.target.start(ctx);
    expect(world.server.requests.at(-1)).toMatchObject({
      action: 'start',
      contract: 1,
      project: { id: ctx.projectId, name: 'shop' },
      environment: 'production',
      deploymentId: ctx.deploymentId,
      fence: 1,
      artifact: { digest: ctx.artifact?.digest, size: ctx.artifact?.size },
      configuration: { replicas: 2 },
      variables: { API_URL: 'https://api.example.test' },
    });
    expect(JSON.stringify(world.server.requests)).not.toContain(SECRET);
  });

  test('requests signed with another secret are refused, and that is AUTH_FAILED', async () => {
    const other = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    const ctx = world.environment().deployment({ variables: { DEPLOY_SECRET: other } });
    expect(await caught(world.target.serving(ctx))).toMatchObject({
      name: 'StageFailed',
      code: 'AUTH_FAILED',
    });
  });

  test('without the signing secret, or with one out of form, nothing is sent', async () => {
    const { deployment } = world.environment();
    const before = world.server.requests.length;
    const missing = deployment({ variables: {} });
    expect(await caught(world.target.prepare(missing))).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(await caught(world.target.start(missing))).toMatchObject({ code: 'INVALID_CONFIG' });
    const wrong = deployment({ variables: { DEPLOY_SECRET: 'hunter22' } });
    expect(await caught(world.target.serving(wrong))).toBeInstanceOf(InvalidWebhookSecret);
    expect(world.server.requests).toHaveLength(before);
  });
});

describe('what the server tells', () => {
  test('lines are read page by page, each once, and the cursor stays where nothing is new', async () => {
    const ctx = await released(world.target, world.environment().deployment());
    const first = await world.target.observe(ctx, undefined);
    expect(first.status).toBe('succeeded');
    expect(first.lines.map(({ message }) => message)).toEqual([
      'Fetching the artifact.',
      expect.stringMatching(/^Placed \d+ bytes\.$/),
    ]);
    const second = await world.target.observe(ctx, first.cursor);
    expect(second).toMatchObject({ lines: [], cursor: first.cursor });
  });

  test('the staged and the live address are the server’s', async () => {
    const ctx = await released(world.target, world.environment().deployment());
    expect((await world.target.stagedAddress(ctx))?.url).toBe(`${world.server.url}staged/${ctx.releaseId}`);
    const live = await world.target.liveAddress(ctx);
    expect(live?.url).toBe(world.server.address(ctx.projectId, 'production'));
  });

  test('a release whose artifact is not the one meant fails, with the server’s words', async () => {
    const { deployment } = world.environment();
    const { artifact, ...rest } = deployment();
    const ctx = { ...rest, ...(artifact && { artifact: { ...artifact, digest: '0'.repeat(64) } }) };
    expect(await caught(world.target.start(ctx))).toMatchObject({
      code: 'RELEASE_FAILED',
      message: expect.stringContaining('The artifact has the digest'),
    });
  });

  test('a release it does not know is a failure of the release', async () => {
    const ctx = world.environment().deployment({ releaseId: 'unheard-of' });
    expect(await caught(world.target.observe(ctx, undefined))).toMatchObject({ code: 'RELEASE_FAILED' });
    expect(await caught(world.target.activate(ctx))).toMatchObject({ code: 'RELEASE_FAILED' });
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['a page', '<html>'],
    ['another form', '{"state":"perhaps"}'],
    ['a status out of the list', '{"status":"fine","releaseId":7}'],
  ])('an answer with %s: reading fails, changing has an unknown outcome', async (_what, body) => {
    const ctx = await released(world.target, world.environment().deployment());
    world.server.failNext('status', { status: 200, body });
    expect(await caught(world.target.observe(ctx, undefined))).toBeInstanceOf(StageFailed);
    world.server.failNext('activate', { status: 200, body });
    expect(await caught(world.target.activate(ctx))).toBeInstanceOf(OutcomeUnknown);
  });

  test.each([429, 500, 502, 503])('HTTP %i is an unknown outcome', async (status) => {
    const ctx = await released(world.target, world.environment().deployment());
    world.server.failNext('activate', { status, body: 'busy' });
    expect(await caught(world.target.activate(ctx))).toBeInstanceOf(OutcomeUnknown);
  });

  test.each([400, 404, 410, 422])('HTTP %i without an explanation is a refusal', async (status) => {
    const ctx = await released(world.target, world.environment().deployment());
    world.server.failNext('activate', { status, body: '' });
    expect(await caught(world.target.activate(ctx))).toMatchObject({
      name: 'StageFailed',
      code: 'RELEASE_FAILED',
    });
  });
});

describe('an answer that is lost', () => {
  test('leaves the outcome unknown, and reading back tells that the release is live', async () => {
    const { deployment } = world.environment();
    const ctx = await released(world.target, deployment());
    world.server.failNext('activate', 'lose-answer');
    expect(await caught(world.target.activate(ctx))).toBeInstanceOf(OutcomeUnknown);
    expect((await world.target.serving(ctx)).deploymentId).toBe(ctx.deploymentId);
    await world.target.activate(ctx);
    expect(await servedAt(ctx.projectId)).toBe(ctx.deploymentId);
  });

  test('is told apart by reading back from a request that was lost', async () => {
    const { deployment } = world.environment();
    const ctx = await released(world.target, deployment());
    world.server.failNext('activate', 'lose-request');
    expect(await caught(world.target.activate(ctx))).toBeInstanceOf(OutcomeUnknown);
    expect((await world.target.serving(ctx)).deploymentId).toBeUndefined();
  });

  test('to start is made good by starting again: there is one release', async () => {
    const ctx = world.environment().deployment();
    world.server.failNext('start', 'lose-answer');
    expect(await caught(world.target.start(ctx))).toBeInstanceOf(OutcomeUnknown);
    const { releaseId } = await world.target.start(ctx);
    expect(releaseId).toBe(`release-of-${ctx.deploymentId}`);
  });

  test('to a question changes nothing, and says so', async () => {
    const ctx = world.environment().deployment();
    world.server.failNext('serving', 'lose-answer');
    expect(await caught(world.target.serving(ctx))).toMatchObject({
      name: 'ExchangeBroken',
      retryable: true,
    });
  });
});

describe('the address of the server', () => {
  test('is refused where it is private and nobody allowed it', async () => {
    const settings = { kind: 'custom', url: 'https://10.0.0.7/deploy', secret: 'DEPLOY_SECRET' } as const;
    const ctx = world.environment().deployment({ settings });
    expect(await caught(world.target.start(ctx))).toBeInstanceOf(AddressRefused);
  });

  test('that leads elsewhere is not followed', async () => {
    const ctx = world.environment().deployment();
    world.server.failNext('serving', { status: 307, body: '', location: 'https://elsewhere.example.test/' });
    expect(await caught(world.target.serving(ctx))).toBeInstanceOf(RedirectRefused);
  });

  test('where nobody listens is known not to have been told', async () => {
    const gone = await customWorld();
    const ctx = gone.environment().deployment();
    await gone[Symbol.asyncDispose]();
    const error = await caught(gone.target.start(ctx));
    expect(error).toBeInstanceOf(HostUnreachable);
    expect(error).toMatchObject({ outcomeUnknown: false });
  });
});

describe('a server that goes on after its answer', () => {
  let slow: CustomWorld;
  beforeAll(async () => {
    slow = await customWorld({ pendingMs: 60 });
  });
  afterAll(() => slow[Symbol.asyncDispose]());

  test('has activated when activate returns', async () => {
    const ctx = await released(slow.target, slow.environment().deployment());
    await slow.target.activate(ctx);
    expect((await slow.target.serving(ctx)).deploymentId).toBe(ctx.deploymentId);
  });

  test('and is not done in time leaves the outcome unknown', async () => {
    // Long enough that the call is surely sent before the time is up, and not done by then.
    await using stuck = await customWorld({ pendingMs: 3000 });
    const ctx = await released(stuck.target, stuck.environment().deployment());
    const signal = AbortSignal.timeout(1500);
    expect(await caught(stuck.target.activate({ ...ctx, signal }))).toBeInstanceOf(OutcomeUnknown);
  });

  test('stops placing when it is told to cancel', async () => {
    const ctx = slow.environment().deployment();
    const { releaseId } = await slow.target.start(ctx);
    expect(await slow.target.cancel({ ...ctx, releaseId })).toBe(true);
    expect((await slow.target.observe({ ...ctx, releaseId }, undefined)).status).toBe('canceled');
  });

  test('stops what it began even where nobody heard the release’s id', async () => {
    const ctx = slow.environment().deployment();
    await slow.target.start(ctx);
    expect(await slow.target.cancel(ctx)).toBe(true);
  });
});

test('an activation on its way is barred by a restore under the same fence', async () => {
  const { deployment } = world.environment();
  const ctx = await released(world.target, deployment());
  await world.target.restore(ctx);
  expect(await caught(world.target.activate(ctx))).toBeInstanceOf(FenceLost);
  expect(await servedAt(ctx.projectId)).toBeUndefined();
});
