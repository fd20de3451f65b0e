import type { Context } from 'aws-lambda';
import { expect, onTestFinished, test, vi } from 'vitest';
import { targetsHandler } from '../../../functions/targets/handler.ts';
import { whileLeased } from '../../../functions/targets/lease.ts';
import { openWorld } from './world.ts';

// The parts of a Lambda context that the handler looks at.
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

const message = (messageId: string, body: unknown) => ({
  messageId,
  receiptHandle: `receipt-of-${messageId}`,
  body: JSON.stringify(body),
});

test('a state’s payload is done and its answer is the function’s', async () => {
  await using world = await openWorld();
  const { id } = await world.deployment();
  const handler = targetsHandler(() => world.deps);
  const answer = await handler({ op: 'serving', contract: 1, deploymentId: id }, context);
  expect(answer).toEqual({ known: true });
});

test('of the messages of a queue only those that failed come back', async () => {
  await using world = await openWorld();
  world.platform.startState = 'pending';
  const deployment = await world.deployment();
  await world.call('release', deployment);
  world.platform.observations = [{ status: 'succeeded', lines: [] }];
  const handler = targetsHandler(() => world.deps);
  const Records = [message('broken', { op: 'observe' }), message('good', world.queue[0]?.call)];
  expect(await handler({ Records }, context)).toEqual({ batchItemFailures: [{ itemIdentifier: 'broken' }] });
  expect([...world.machine.answers.values()]).toEqual([{ ok: true }]);
});

test('a message is hidden for 90 s before it is worked on, for as long as that goes on, and 30 s after it failed', async () => {
  await using world = await openWorld();
  world.platform.startState = 'pending';
  const deployment = await world.deployment();
  await world.call('release', deployment);
  world.platform.observations = [{ status: 'succeeded', lines: [] }];
  const answersBefore: number[] = [];
  const hideMessage = (receiptHandle: string, seconds: number) => {
    answersBefore.push(world.machine.answers.size);
    return world.deps.hideMessage(receiptHandle, seconds);
  };
  const handler = targetsHandler(() => ({ ...world.deps, hideMessage }));
  await handler({ Records: [message('good', world.queue[0]?.call)] }, context);
  expect(answersBefore).toEqual([0]);
  expect(world.machine.answers.size).toBe(1);
  expect(world.hidden).toEqual([{ receiptHandle: 'receipt-of-good', seconds: 90 }]);
  await handler({ Records: [message('broken', { op: 'observe' })] }, context);
  expect(world.hidden.slice(1)).toEqual([
    { receiptHandle: 'receipt-of-broken', seconds: 90 },
    { receiptHandle: 'receipt-of-broken', seconds: 30 },
  ]);
});

test('a queue that cannot be reached keeps nobody from looking', async () => {
  await using world = await openWorld();
  world.platform.startState = 'pending';
  const deployment = await world.deployment();
  await world.call('release', deployment);
  world.platform.observations = [{ status: 'succeeded', lines: [] }];
  const handler = targetsHandler(() => ({
    ...world.deps,
    hideMessage: () => Promise.reject(new Error('no queue')),
  }));
  const event = { Records: [message('good', world.queue[0]?.call)] };
  expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
  expect([...world.machine.answers.values()]).toEqual([{ ok: true }]);
});

test('a look that takes long keeps its message hidden by renewing that', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const hidden: number[] = [];
  let done = () => {};
  const work = new Promise<void>((resolve) => {
    done = resolve;
  });
  await using world = await openWorld();
  const deps = {
    ...world.deps,
    hideMessage: async (_: string, seconds: number) => void hidden.push(seconds),
  };
  const leased = whileLeased(deps, 'receipt', () => work);
  await vi.advanceTimersByTimeAsync(65_000);
  expect(hidden).toEqual([90, 90, 90]);
  done();
  await leased;
  await vi.advanceTimersByTimeAsync(65_000);
  expect(hidden).toHaveLength(3);
});

test('a call that has no time left is given up before it changes anything', async () => {
  await using world = await openWorld();
  const deployment = await world.deployment();
  await world.call('release', deployment);
  world.platform.fault.activate = { when: 'before', run: (ctx) => ctx.signal.throwIfAborted() };
  const late = { getRemainingTimeInMillis: () => 0 } as Context;
  const payload = {
    op: 'activate',
    contract: 1,
    deploymentId: deployment.id,
    executionArn: 'arn:execution',
    enteredAt: '2025-01-15T12:00:00.000Z',
    retryCount: 0,
    taskToken: 'token-late',
  };
  world.machine.waitFor('token-late');
  await new Promise((resolve) => setTimeout(resolve, 5));
  await targetsHandler(() => world.deps)(payload, late);
  expect(world.machine.answers.get('token-late')).toEqual({ ok: false, code: 'TIMEOUT' });
  expect(world.platform.live).toBeUndefined();
  expect((await world.record(deployment)).failure).toMatchObject({ code: 'TIMEOUT', stage: 'activate' });
});
