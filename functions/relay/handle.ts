import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { keysOf } from '../../shared/platform/log-about.ts';
import { type FunctionFacts, invokedInPart } from '../../shared/store/spending.ts';
import { deploymentChanges } from './changes.ts';
import type { RelayDeps } from './deps.ts';
import { relay } from './relay.ts';

/** Deployments of a batch that are relayed at the same time. */
const PARALLEL = 5;

/**
 * Relays a batch. The stream begins again at the first change that failed; what was relayed behind it is relayed
 * twice, which everything here bears. A change that keeps failing ends in the dead-letter queue, and the sweep
 * announces its deployment.
 */
export async function handleBatch(
  event: DynamoDBStreamEvent,
  deps: RelayDeps,
  facts: FunctionFacts,
): Promise<DynamoDBBatchResponse> {
  const changes = deploymentChanges(event.Records, (record, error) =>
    deps.log.error('A record of the stream cannot be read.', { error, eventID: record.eventID }),
  );
  const failed: string[] = [];
  const queue = changes.values();
  const work = async () => {
    for (const change of queue) {
      try {
        const owner = change.after.id;
        await invokedInPart(deps.sockets.store, { facts, owner }, changes.length, () => relay(deps, change));
      } catch (error) {
        deps.log.with(keysOf(change.after)).error('A change was not relayed.', { error });
        failed.push(change.sequenceNumber);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, changes.length) }, work));
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
