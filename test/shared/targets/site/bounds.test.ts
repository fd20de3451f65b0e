import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withBounds } from '../../../../shared/targets/site/bounds.ts';

const limits = { count: 4, bytes: 100 };
const sizes = fc.array(
  fc.integer({ min: 0, max: 150 }).map((size) => ({ size })),
  { maxLength: 40 },
);
const aMoment = () => new Promise<void>((resolve) => setImmediate(resolve));

test('every item is worked on once, never more at a time than the limits allow', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (items) => {
      const running = new Set<{ size: number }>();
      const done: { size: number }[] = [];
      await withBounds(
        items,
        async (item) => {
          running.add(item);
          const bytes = [...running].reduce((sum, { size }) => sum + size, 0);
          // An item larger than the limit goes alone.
          expect(running.size <= limits.count && (bytes <= limits.bytes || running.size === 1)).toBe(true);
          await aMoment();
          running.delete(item);
          done.push(item);
        },
        limits,
      );
      expect(done).toHaveLength(items.length);
      expect(new Set(done)).toEqual(new Set(items));
    }),
  );
});

test('the first failure is thrown once what is under way has ended, and nothing new begins', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const items = Array.from({ length: 20 }, (_, size) => ({ size }));
  const work = withBounds(
    items,
    async ({ size }) => {
      started.push(size);
      await aMoment();
      ended.push(size);
      if (size === 2) throw new RangeError('the third');
    },
    limits,
  );
  await expect(work).rejects.toThrow('the third');
  expect(ended).toHaveLength(started.length);
  expect(started.length).toBeLessThan(10);
});
