import { expect, test } from 'vitest';
import { ReadCache } from '../../../shared/store/read-cache.ts';
import { testClock } from '../../support/store.ts';

const cacheOf = (most = 3) => {
  const clock = testClock();
  const cache = new ReadCache<string>({ most, keptMs: 30_000 });
  let reads = 0;
  const read = (value: string | undefined) => async () => {
    reads += 1;
    return value;
  };
  return { clock, cache, read, reads: () => reads };
};

test('what was read is not read again for 30 seconds, and then it is', async () => {
  const { clock, cache, read, reads } = cacheOf();
  expect(await cache.get(clock, 'a', read('old'))).toBe('old');
  clock.advance(29_999);
  expect(await cache.get(clock, 'a', read('new'))).toBe('old');
  clock.advance(1);
  expect(await cache.get(clock, 'a', read('new'))).toBe('new');
  expect(reads()).toBe(2);
});

test('a hundred who ask for the same at once share one read', async () => {
  const { clock, cache, read, reads } = cacheOf();
  const answers = await Promise.all(Array.from({ length: 100 }, () => cache.get(clock, 'a', read('one'))));
  expect(new Set(answers)).toEqual(new Set(['one']));
  expect(reads()).toBe(1);
});

test('what is not there and what could not be read is asked for again at once', async () => {
  const { clock, cache, read } = cacheOf();
  expect(await cache.get(clock, 'a', read(undefined))).toBeUndefined();
  expect(await cache.get(clock, 'a', read('made meanwhile'))).toBe('made meanwhile');
  const failing = () => Promise.reject(new Error('throttled'));
  await expect(cache.get(clock, 'b', failing)).rejects.toThrow('throttled');
  expect(await cache.get(clock, 'b', read('b'))).toBe('b');
});

test('it keeps so many and no more, the newest', async () => {
  const { clock, cache, read } = cacheOf(3);
  for (const key of ['a', 'b', 'c', 'd']) await cache.get(clock, key, read(key));
  expect(cache.size).toBe(3);
  expect(await cache.get(clock, 'd', read('other'))).toBe('d');
  expect(await cache.get(clock, 'a', read('again'))).toBe('again');
});
