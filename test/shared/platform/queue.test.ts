import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sqsBatches, sqsQueue } from '../../../shared/platform/queue.ts';
import { emulatorClient } from '../../support/aws.ts';

test('a message whose reader died comes back when its lease ends, not when the queue’s own time does', async () => {
  const client = new SQSClient({ ...emulatorClient(), useQueueUrlAsEndpoint: false });
  const made = await client.send(
    new CreateQueueCommand({ QueueName: `q-${ulid()}`, Attributes: { VisibilityTimeout: '900' } }),
  );
  const QueueUrl = made.QueueUrl ?? '';
  onTestFinished(async () => {
    await client.send(new DeleteQueueCommand({ QueueUrl }));
  });
  const queue = sqsQueue(QueueUrl, client);
  const receive = async (WaitTimeSeconds: number) =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }))).Messages?.[0];
  await queue.send('look', 0);
  const first = await receive(5);
  expect(first?.Body).toBe('look');
  expect(await receive(0)).toBeUndefined();
  await queue.hide(first?.ReceiptHandle ?? '', 1);
  expect(await receive(0)).toBeUndefined();
  await expect.poll(async () => (await receive(1))?.Body, { timeout: 10_000 }).toBe('look');
});

test('many messages go in few calls, however long they are, and none is lost', async () => {
  const client = new SQSClient({ ...emulatorClient(), useQueueUrlAsEndpoint: false });
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `q-${ulid()}` }));
  onTestFinished(async () => {
    await client.send(new DeleteQueueCommand({ QueueUrl }));
  });
  const calls = vi.spyOn(client, 'send');
  const bodies = Array.from({ length: 23 }, (_, i) => `${i} ${'x'.repeat(i < 4 ? 90_000 : 10)}`);
  await sqsBatches(QueueUrl, client)(bodies);
  // Two long ones fit one call, ten short ones as well.
  expect(calls).toHaveBeenCalledTimes(4);
  const found = new Set<string>();
  while (found.size < bodies.length) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
    );
    if (Messages.length === 0) break;
    for (const { Body = '' } of Messages) found.add(Body);
  }
  expect(found).toEqual(new Set(bodies));
});
