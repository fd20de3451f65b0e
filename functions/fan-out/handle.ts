import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { fanOutMessage } from '../../shared/contracts/fan-out.ts';
import { type FunctionFacts, invoked } from '../../shared/store/spending.ts';
import type { FanOutDeps } from './deps.ts';
import { show } from './show.ts';

/** Requests to SQS by which a message comes here and is taken away. */
const DELIVERED = 2;

/** One message after the other: together the workers post no faster than all of them may. */
export async function handleMessages(
  deps: FanOutDeps,
  { Records }: SQSEvent,
  facts: FunctionFacts,
): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const { body, messageId } of Records) {
    try {
      const message = fanOutMessage.parse(JSON.parse(body));
      const counting = { facts, given: { queued: DELIVERED }, owner: message.deploymentId };
      await invoked(deps.store, counting, () => show(deps, message));
    } catch (error) {
      deps.log.error('Viewers could not be told.', { error, messageId });
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
