import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { Deployment } from '../../shared/domain/records.ts';
import { deploymentFromImage } from '../../shared/store/deployment-item.ts';

/** What a batch of the stream says about one deployment, its changes taken together. */
export interface DeploymentChange {
  /** As it stood before the first of them; undefined: it is new. */
  readonly before: Deployment | undefined;
  readonly after: Deployment;
  /** Where the stream has to begin again if this cannot be relayed. */
  readonly sequenceNumber: string;
}

type Image = Record<string, AttributeValue>;

/**
 * The deployments in a batch. Other items of a deployment (tokens, jobs) and writes that leave the revision as it
 * was say nothing to the world. A record that cannot be read goes to `unreadable` and stops nobody else.
 */
export function deploymentChanges(
  records: readonly DynamoDBRecord[],
  unreadable: (record: DynamoDBRecord, error: unknown) => void,
): DeploymentChange[] {
  const changes = new Map<string, DeploymentChange>();
  for (const record of records) {
    try {
      const change = changeIn(record);
      if (change === undefined) continue;
      const earlier = changes.get(change.after.id);
      changes.set(
        change.after.id,
        earlier === undefined
          ? change
          : { ...change, before: earlier.before, sequenceNumber: earlier.sequenceNumber },
      );
    } catch (error) {
      unreadable(record, error);
    }
  }
  return [...changes.values()];
}

function changeIn({ dynamodb }: DynamoDBRecord): DeploymentChange | undefined {
  const sequenceNumber = dynamodb?.SequenceNumber;
  if (dynamodb?.Keys?.['sk']?.S !== 'DEP' || sequenceNumber === undefined) return undefined;
  const after = read(dynamodb.NewImage);
  const before = read(dynamodb.OldImage);
  if (after === undefined || after.revision === before?.revision) return undefined;
  return { before, after, sequenceNumber };
}

const read = (image: Image | undefined) => (image === undefined ? undefined : deploymentFromImage(image));
