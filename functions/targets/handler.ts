import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { count } from '../../shared/platform/account.ts';
import type { DepsFor } from './deps.ts';
import { whileLeased } from './lease.ts';
import { perform } from './operations.ts';

/** So long before the function's time is up every call outside is given up, so that its outcome is still noted (ms). */
const STOP_EARLY_MS = 10_000;

/** Requests to SQS by which a message comes here and is taken away. */
const DELIVERED = 2;

/** The Lambda handler: a state or a direct call of `steps` as it is, or messages of the observe queue. */
export function targetsHandler(makeDeps: DepsFor) {
  return async (event: unknown, context: Context): Promise<unknown> => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - STOP_EARLY_MS));
    const depsFor = (deploymentId: string) => makeDeps(deploymentId, context.awsRequestId);
    if (!isQueueEvent(event)) return perform(depsFor, event, signal);
    const failed: SQSBatchResponse['batchItemFailures'] = [];
    for (const { messageId, receiptHandle, body } of event.Records) {
      count({ queued: DELIVERED });
      const deps = depsFor(messageId);
      try {
        await whileLeased(deps, receiptHandle, () => perform(depsFor, JSON.parse(body), signal));
      } catch (error) {
        deps.log.error('A look at a release failed.', { messageId, error });
        failed.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failed };
  };
}

const isQueueEvent = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
