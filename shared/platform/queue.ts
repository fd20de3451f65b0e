import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PlatformUnavailable } from '../errors/requests.ts';
import { clientOptions, metered } from './aws.ts';

/** The longest that SQS holds a message back, in seconds. */
const MAX_DELAY_SECONDS = 900;

/** Messages that are delivered later, at least once. */
export interface Queue {
  send(body: string, delaySeconds: number): Promise<void>;
  /** Hides a message that was received for so long from now, whatever the queue's own time is. */
  hide(receiptHandle: string, seconds: number): Promise<void>;
}

export function sqsQueue(url: string, client = metered(new SQSClient(queueOptions()))): Queue {
  return {
    send: async (body, delaySeconds) => {
      await client.send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody: body,
          DelaySeconds: Math.min(delaySeconds, MAX_DELAY_SECONDS),
        }),
      );
    },
    hide: async (receiptHandle, seconds) => {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
  };
}

/** What SQS takes in one call: so many messages, and so many bytes of all of them together. */
const BATCH_MESSAGES = 10;
const BATCH_BYTES = 200 * 1024;

/**
 * Sends many messages in few calls.
 * @throws PlatformUnavailable where the queue refused some of them twice
 */
export function sqsBatches(url: string, client = metered(new SQSClient(queueOptions()))) {
  const refused = async (bodies: readonly string[]): Promise<string[]> => {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody })),
      }),
    );
    return Failed.flatMap(({ Id }) => bodies[Number(Id)] ?? []);
  };
  return async (bodies: readonly string[]): Promise<void> => {
    for (const batch of batches(bodies)) {
      const once = await refused(batch);
      if (once.length > 0 && (await refused(once)).length > 0)
        throw new PlatformUnavailable('A queue did not take a message.');
    }
  };
}

function batches(bodies: readonly string[]): string[][] {
  const made: string[][] = [];
  let room = 0;
  for (const body of bodies) {
    const size = Buffer.byteLength(body);
    let batch = made.at(-1);
    if (batch === undefined || batch.length === BATCH_MESSAGES || size > room) {
      batch = [];
      made.push(batch);
      room = BATCH_BYTES;
    }
    batch.push(body);
    room -= size;
  }
  return made;
}

/** The SDK would go where the queue's URL says, whatever endpoint the environment names. */
const queueOptions = () => ({ ...clientOptions(), useQueueUrlAsEndpoint: false });
