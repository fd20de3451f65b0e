import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pacer } from '../../../functions/fan-out/pace.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { testClock } from '../../support/store.ts';

test('a worker gets no more turns in any second than it may, whatever holds it up in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(900), { minLength: 1, maxLength: 5 }), async (stalls) => {
      const clock = testClock(0);
      const turn = pacer(clock, 200);
      const turns: number[] = [];
      for (const stall of stalls) {
        clock.advance(stall);
        for (let i = 0; i < 250; i += 1) {
          await turn();
          turns.push(clock.now());
        }
      }
      for (const [i, at] of turns.entries()) {
        const later = turns[i + 200];
        if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(1000);
      }
    }),
    { numRuns: 20 },
  );
});

test('many who ask at once are not let through at once after the process stood still', async () => {
  const turns: number[] = [];
  const turn = pacer(systemClock, 200);
  const all = Array.from({ length: 150 }, () => turn().then(() => turns.push(performance.now())));
  await turn();
  const until = performance.now() + 400;
  while (performance.now() < until);
  const from = performance.now();
  await Promise.all(all);
  expect(turns.filter((at) => at >= from && at < from + 20).length).toBeLessThanOrEqual(30);
});

test('a thousand turns take five seconds', async () => {
  const clock = testClock(0);
  const turn = pacer(clock, 200);
  for (let i = 0; i < 1000; i += 1) await turn();
  expect(clock.now()).toBeGreaterThanOrEqual(4900);
  expect(clock.now()).toBeLessThanOrEqual(5060);
});
