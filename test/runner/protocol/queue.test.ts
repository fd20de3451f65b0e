import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JobLine, LineQueue } from '../../../runner/protocol/queue.ts';
import { linesRequest, MAX_BATCH_BYTES, MAX_BATCH_LINES } from '../../../shared/contracts/job-posts.ts';

const line = (message: string): JobLine => ({ at: 1, level: 'info', step: 'build', message });

test('batches stay within the limits of the contract, and nothing is left out', () => {
  const message = fc.oneof(
    { weight: 5, arbitrary: fc.string({ maxLength: 100 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('\u001b'.repeat(10_000), 'x'.repeat(60_000), 'é'.repeat(30_000)),
    },
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      const queue = new LineQueue();
      for (const each of messages) queue.add(line(each));
      const sent: string[] = [];
      while (queue.length > 0) {
        const batch = queue.batch();
        expect(batch.offset).toBe(sent.length);
        expect(linesRequest.safeParse(batch).success).toBe(true);
        expect(Buffer.byteLength(JSON.stringify({ ...batch, step: 'install' }))).toBeLessThanOrEqual(
          MAX_BATCH_BYTES,
        );
        sent.push(...batch.lines.map((each) => each.message));
        expect(queue.acknowledge(batch.offset + batch.lines.length)).toBe(true);
      }
      expect(sent).toEqual(messages);
      expect(queue.bytes).toBe(0);
    }),
  );
});

test('a batch has at most as many lines as the contract allows', () => {
  const queue = new LineQueue();
  for (let n = 0; n < MAX_BATCH_LINES + 5; n += 1) queue.add(line(String(n)));
  expect(queue.batch().lines).toHaveLength(MAX_BATCH_LINES);
});

test('a place before or after what waits cannot be gone on from', () => {
  const queue = new LineQueue(10);
  queue.add(line('a'));
  expect(queue.acknowledge(9)).toBe(false);
  expect(queue.acknowledge(12)).toBe(false);
  expect(queue.acknowledge(11)).toBe(true);
});
