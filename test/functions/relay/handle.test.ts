import { marshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RelayDeps } from '../../../functions/relay/deps.ts';
import { handleBatch } from '../../../functions/relay/handle.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import type { BusEvent } from '../../../shared/platform/bus.ts';
import type { Machine } from '../../../shared/platform/machine.ts';
import { createDeployment } from '../../../shared/store/deployment-creation.ts';
import { deploymentItem } from '../../../shared/store/deployment-item.ts';
import { changeWith, getSlot, requireDeployment } from '../../../shared/store/deployments.ts';
import { takenBy } from '../../../shared/store/slot.ts';
import { aDeployment } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { nobodyWatches } from '../../support/viewers.ts';
import { type LogLine, recordingLog } from '../api/support.ts';

let store: TestStore;
let events: BusEvent[];
let started: string[];
let sent: unknown[];
let lines: LogLine[];
let refuse: (id: unknown) => boolean;
let deps: RelayDeps;

beforeEach(async () => {
  store = await freshStore();
  [events, started, sent, lines] = [[], [], [], []];
  refuse = () => false;
  deps = {
    sockets: { ...nobodyWatches, store },
    // The relay only starts executions.
    machine: { start: async (id: string) => void started.push(id) } as unknown as Machine,
    functions: {
      call: () => Promise.reject(new Error('unused')),
      send: async (_name, payload) => void sent.push(payload),
    },
    stepsFunction: 'steps',
    bus: {
      publish: async (given) => {
        if (given.some(({ detail }) => refuse(detail['deploymentId']))) throw new Error('the bus is down');
        events.push(...given);
      },
    },
    archive: { read: async () => undefined, write: async () => {}, remove: async () => {} },
    log: recordingLog(lines, {}),
  };
});

async function stored(changes: Partial<Deployment> = {}): Promise<Deployment> {
  const id = `dep_${store.random.ulid(store.clock.now())}`;
  const environment = `env-${id.slice(-6).toLowerCase()}`;
  // Nothing here ends a deployment, so the union's member stays.
  const deployment = aDeployment({ ...(changes as object), id, environment } as never);
  const free = await getSlot(store, deployment.projectId, environment);
  const taken = takenBy(free, id, deployment.createdAt, 'deployment');
  await createDeployment(store, { deployment, free, taken }, []);
  return deployment;
}

let sequence = 0;
const image = (deployment: Deployment) =>
  marshall(deploymentItem(deployment), { removeUndefinedValues: true }) as Record<string, AttributeValue>;
function record(before: Deployment | undefined, after: Deployment): DynamoDBRecord {
  sequence += 1;
  return {
    eventID: `e${sequence}`,
    eventName: before === undefined ? 'INSERT' : 'MODIFY',
    dynamodb: {
      Keys: { pk: { S: `DEP#${after.id}` }, sk: { S: 'DEP' } },
      SequenceNumber: `${sequence}`,
      NewImage: image(after),
      ...(before === undefined ? {} : { OldImage: image(before) }),
    },
  };
}
const relayed = (...Records: DynamoDBRecord[]) => handleBatch({ Records }, deps, {});

describe('a batch of the stream', () => {
  test('announces a new deployment, starts its machine, and notes that it was announced', async () => {
    const made = await stored();
    expect(await relayed(record(undefined, made))).toEqual({ batchItemFailures: [] });
    expect(started).toEqual([made.id]);
    expect(events).toMatchObject([
      { type: 'deployment.created', detail: { id: `${made.id}:deployment.created`, status: 'created' } },
    ]);
    expect((await requireDeployment(store, made.id)).published).toBe(1);
  });

  test('takes several changes of one deployment as one', async () => {
    const made = await stored();
    const second = await changeWith(store, made.id, () => ({ note: 'two' }));
    const third = await changeWith(store, made.id, () => ({ note: 'three' }));
    await relayed(record(undefined, made), record(made, second), record(second, third));
    expect(events.map(({ type }) => type)).toEqual(['deployment.created']);
    expect((await requireDeployment(store, made.id)).published).toBe(3);
  });

  test('with a record that cannot be read relays the others', async () => {
    const made = await stored();
    const poison: DynamoDBRecord = {
      eventID: 'poison',
      dynamodb: {
        Keys: { pk: { S: 'DEP#x' }, sk: { S: 'DEP' } },
        SequenceNumber: '0',
        // A notation that no engine sends.
        NewImage: { record: { X: 'no such type' } as unknown as AttributeValue },
      },
    };
    expect(await relayed(poison, record(undefined, made))).toEqual({ batchItemFailures: [] });
    expect(events).toHaveLength(1);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', facts: expect.objectContaining({ eventID: 'poison' }) }),
    );
  });

  test('whose bus is down for one deployment asks for that one again, and relays the others', async () => {
    const [bad, good] = [await stored(), await stored()];
    refuse = (id) => id === bad.id;
    const failing = record(undefined, bad);
    const answer = await relayed(failing, record(undefined, good));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: failing.dynamodb?.SequenceNumber }] });
    expect(started.toSorted()).toEqual([bad.id, good.id].toSorted());
    expect((await requireDeployment(store, bad.id)).published).toBe(0);
    expect((await requireDeployment(store, good.id)).published).toBe(1);
  });

  test('says nothing of tokens, jobs, and writes that left the revision as it was', async () => {
    const made = await stored();
    const token: DynamoDBRecord = {
      dynamodb: {
        Keys: { pk: { S: `DEP#${made.id}` }, sk: { S: 'TOKEN#gate#0000' } },
        SequenceNumber: '1',
        NewImage: { pk: { S: `DEP#${made.id}` } },
      },
    };
    await relayed(token, record(made, made));
    expect([events, started, sent]).toEqual([[], [], []]);
  });
});

describe('the relay', () => {
  test('has the gate look again where what it waited for is there', async () => {
    const made = await stored({ executionArn: 'arn:x' });
    const woken = await changeWith(store, made.id, (current) => ({ wake: current.wake + 1 }));
    await relayed(record(made, woken));
    expect(sent).toEqual([{ op: 'wake', contract: 1, deploymentId: made.id }]);
  });

  test('has a settlement go on when the last call has come back', async () => {
    const made = await stored({
      executionArn: 'arn:x',
      calls: { a: 1 },
      settling: { at: '2025-01-15T12:00:00.000Z', by: 'machine' },
    });
    const landed = await changeWith(store, made.id, () => ({ calls: {} }));
    await relayed(record(made, landed));
    expect(sent).toMatchObject([{ op: 'reap', reason: 'settling', deploymentId: made.id }]);
  });
});
