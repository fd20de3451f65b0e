import { expect, test } from 'vitest';
import { FLUSH_BYTES, flushAt, type Waiting } from '../../../runner/protocol/flush.ts';

const since = 10_000;
const waiting: Waiting = { lines: 1, bytes: 100, since, quietMs: 0 };
const pace = { lastSentAt: 9_900, flushMs: 5_000 };

test.each([
  ['a line after a quiet second goes at once', { quietMs: 1_000 }, since + 20],
  ['a line soon after another waits for the pace, which counts from the last post', { quietMs: 400 }, 14_900],
  ['a full batch goes at once', { bytes: FLUSH_BYTES }, since],
  ['as many lines as a batch may hold go at once', { lines: 2000 }, since],
])('%s', (_name, change, moment) => {
  expect(flushAt({ ...waiting, ...change }, pace)).toBe(moment);
});

test('after a long silence of the service, what waits is due', () => {
  expect(flushAt(waiting, { lastSentAt: 1_000, flushMs: 250 })).toBeLessThan(since);
});
