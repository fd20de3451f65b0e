import { expect, test } from 'vitest';
import { triggerOf } from '../../../shared/domain/trigger.ts';

test.each([
  ['automatic', 'automatic'],
  ['webhook', 'webhook'],
  ['schedule', 'schedule'],
  ['manual', 'manual'],
  ['api', 'api'],
  ['my-pipeline', 'api'],
  ['rollback', 'api'],
  ['retry', 'api'],
])('a request by the method %s is triggered as %s', (method, kind) => {
  expect(triggerOf(method)).toBe(kind);
});
