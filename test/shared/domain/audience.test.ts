import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  estimatedViewers,
  PLACES,
  SAMPLE,
  slicesFor,
  WORKER_POSTS_A_SECOND,
  WORKERS,
} from '../../../shared/domain/audience.ts';
import { flushMs, POSTS_A_SECOND } from '../../../shared/domain/flush.ts';

const placesOf = (viewers: number, seed: number) =>
  Array.from({ length: viewers }, (_, i) =>
    createHash('sha256').update(`${seed}:${i}`).digest().readUInt32BE(0),
  ).sort((a, b) => a - b);

describe('the slices of an audience', () => {
  test('leave nobody out and have nobody twice, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000_000 }), (viewers) => {
        const slices = slicesFor(viewers);
        expect(slices[0]?.from).toBe(0);
        expect(slices.at(-1)?.until).toBe(PLACES);
        for (const [i, { from }] of slices.entries()) if (i > 0) expect(from).toBe(slices[i - 1]?.until);
        expect(viewers / slices.length).toBeLessThanOrEqual(1000);
      }),
    );
  });

  test('are as many as there are workers once that is worth it', () => {
    expect([51, 120, 500, 10_000, 25_000].map((viewers) => slicesFor(viewers).length)).toEqual([
      3, 5, 10, 10, 25,
    ]);
    expect(WORKERS * WORKER_POSTS_A_SECOND).toBe(POSTS_A_SECOND);
  });

  test('hold about equally many', () => {
    const places = placesOf(10_000, 1);
    for (const { from, until } of slicesFor(10_000)) {
      const held = places.filter((place) => place >= from && place < until).length;
      expect(Math.abs(held - 1000)).toBeLessThan(120);
    }
  });
});

test('how many watch is told from the first few within a fifth, so that the pace of producers has room enough', () => {
  for (const viewers of [SAMPLE, 1000, 10_000, 60_000]) {
    for (let seed = 0; seed < 20; seed += 1) {
      const last = placesOf(viewers, seed)[SAMPLE - 1] ?? 0;
      const ratio = estimatedViewers(SAMPLE, last) / viewers;
      expect(Math.abs(ratio - 1), `${viewers} viewers, seed ${seed}`).toBeLessThan(0.2);
    }
  }
});

test('producers gather lines for as long as their viewers take to be reached', () => {
  const pace = [0, 1, 50, 51, 3000, 10_000].map(flushMs);
  expect(pace).toEqual([5000, 250, 250, 2000, 2000, 6250]);
});
