import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { Units } from '../../../shared/domain/cost.ts';
import { unitsOfCall } from '../../../shared/platform/aws-calls.ts';

const used = (...units: number[]) => ({
  ConsumedCapacity: units.map((CapacityUnits) => ({ CapacityUnits })),
});
const refused = new ConditionalCheckFailedException({ message: 'no', $metadata: { attempts: 1 } });
const text = (bytes: number) => 'x'.repeat(bytes);

test.each<[string, string, object, unknown, Units]>([
  ['a read', 'GetItem', {}, { ConsumedCapacity: { CapacityUnits: 1.5 } }, { readUnits: 1.5 }],
  ['a write', 'UpdateItem', {}, { ConsumedCapacity: { CapacityUnits: 7 } }, { writeUnits: 7 }],
  ['a transaction, by its tables', 'TransactWriteItems', {}, used(14, 2), { writeUnits: 16 }],
  ['a write that its condition refused', 'PutItem', {}, refused, { writeUnits: 1 }],
  ['a write that did not arrive', 'PutItem', {}, new Error('timeout'), { writeUnits: 0 }],
  ['a small post', 'PostToConnection', { Data: new Uint8Array(40) }, {}, { posts: 1, sentBytes: 40 }],
  [
    'a post of just 32 KB',
    'PostToConnection',
    { Data: new Uint8Array(32768) },
    {},
    { posts: 1, sentBytes: 32768 },
  ],
  [
    'one of a byte more',
    'PostToConnection',
    { Data: new Uint8Array(32769) },
    {},
    { posts: 2, sentBytes: 32769 },
  ],
  ['a message of 65 KB', 'SendMessage', { MessageBody: text(66_560) }, {}, { queued: 2 }],
  [
    'a batch of messages, of 65 KB together',
    'SendMessageBatch',
    { Entries: [{ MessageBody: text(60_000) }, { MessageBody: text(6_000) }] },
    {},
    { queued: 2 },
  ],
  [
    'two events, one of 65 KB',
    'PutEvents',
    { Entries: [{ Detail: '{}' }, { Detail: text(66_560) }] },
    {},
    { events: 3 },
  ],
  ['a moment for the scheduler', 'CreateSchedule', {}, {}, { schedules: 1 }],
  ['an object put', 'PutObject', {}, {}, { puts: 1 }],
  ['an object looked at', 'HeadObject', {}, {}, { gets: 1 }],
  ['objects deleted', 'DeleteObjects', {}, {}, {}],
  ['an execution, which is traced', 'StartExecution', {}, {}, { traces: 1 }],
  ['an answered token', 'SendTaskSuccess', {}, {}, {}],
])('%s costs what its service takes for it', (_what, operation, input, outcome, units) => {
  expect(unitsOfCall(operation, input, outcome)).toEqual({ calls: 1, ...units });
});

test('each try of a call is one', () => {
  expect(unitsOfCall('StopExecution', {}, { $metadata: { attempts: 3 } })).toEqual({ calls: 3 });
});
