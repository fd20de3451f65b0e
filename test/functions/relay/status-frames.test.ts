import { marshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { handleBatch } from '../../../functions/relay/handle.ts';
import { statusData } from '../../../shared/contracts/realtime.ts';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { statusOf } from '../../../shared/platform/frames.ts';
import type { Machine } from '../../../shared/platform/machine.ts';
import { putConnection } from '../../../shared/store/connections.ts';
import { deploymentItem } from '../../../shared/store/deployment-item.ts';
import { subscribe } from '../../../shared/store/subscriptions.ts';
import { quietLog } from '../../support/given.ts';
import { aDeployment } from '../../support/records.ts';
import { freshStore } from '../../support/store.ts';
import { leftForWorkers, viewers } from '../../support/viewers.ts';

const image = (deployment: Deployment) =>
  marshall(deploymentItem(deployment), { removeUndefinedValues: true }) as Record<string, AttributeValue>;
const change = (before: Deployment, after: Deployment): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: `DEP#${after.id}` }, sk: { S: 'DEP' } },
    SequenceNumber: String(after.revision),
    OldImage: image(before),
    NewImage: image(after),
  },
});

test('who watches a deployment or its project is told of a change at once, and of nothing that nobody sees', async () => {
  const store = await freshStore();
  const created = aDeployment();
  const building = aDeployment({ status: 'building', stage: 'build', progress: 20, note: 'building' });
  const noted = { ...building, calls: { a: 1 } };
  const sockets = viewers();
  const actor = {
    tokenId: 't',
    subject: 'ann',
    kind: 'api',
    grants: [{ role: 'admin' }],
    groups: [],
  } as const;
  const topics = [`deployment:${created.id}`, `project:${created.projectId}`];
  for (const topic of topics) {
    await putConnection(store, topic, actor);
    await subscribe(store, topic, topic);
  }
  const Records = [
    change(created, { ...building, revision: 2 }),
    change({ ...building, revision: 2 }, { ...noted, revision: 3 }),
  ];
  for (const record of Records) {
    await handleBatch(
      { Records: [record] },
      {
        sockets: { store, poster: sockets, fanOut: leftForWorkers() },
        // No change here starts, stops or answers an execution.
        machine: {} as Machine,
        functions: { call: async () => {}, send: async () => {} },
        stepsFunction: 'steps',
        bus: { publish: async () => {} },
        archive: { read: async () => undefined, write: async () => {}, remove: async () => {} },
        log: quietLog,
      },
      {},
    );
  }
  for (const topic of topics) {
    expect(sockets.frames(topic)).toMatchObject([
      {
        type: 'status',
        topic,
        seq: 2,
        data: { status: 'building', stage: 'build', progress: 20, message: 'building', revision: 2 },
      },
    ]);
  }
});

test('a frame says where it is served, and what failed by code and message', () => {
  const failure = deploymentError({
    code: 'LIVE_CHECK_FAILED',
    stage: 'activate',
    message: 'It answers 500.',
  });
  const failing = aDeployment({ status: 'deploying', stage: 'activate', url: 'https://shop.test', failure });
  expect(statusData.parse(statusOf(failing))).toMatchObject({
    url: 'https://shop.test',
    errorCode: 'LIVE_CHECK_FAILED',
    errorMessage: 'It answers 500.',
  });
  const well = statusData.parse(statusOf(aDeployment()));
  for (const name of ['url', 'errorCode', 'errorMessage'] as const) expect(well[name]).toBeUndefined();
});
