import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
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

/** The SDK would go where the queue's URL says, whatever endpoint the environment names. */
const queueOptions = () => ({ ...clientOptions(), useQueueUrlAsEndpoint: false });
