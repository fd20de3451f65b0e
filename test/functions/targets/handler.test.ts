import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { targetsHandler } from '../../../functions/targets/handler.ts';
import { openWorld } from './world.ts';

// The parts of a Lambda context that the handler looks at.
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

const message = (messageId: string, body: unknown) => ({ messageId, body: JSON.stringify(body) });

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
  };
  await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(targetsHandler(() => world.deps)(payload, late)).rejects.toThrow();
  expect(world.platform.live).toBeUndefined();
  expect((await world.record(deployment)).failure).toMatchObject({ code: 'TIMEOUT', stage: 'activate' });
});
