import { expect, test } from 'vitest';
import { lastBeat } from '../../../shared/store/heartbeats.ts';
import { finishJob } from '../../../shared/store/jobs.ts';
import { testIngest } from './world.ts';

test('a result that is sent again is a sign of life, although its job is over', async () => {
  const world = await testIngest();
  const result = { outcome: 'canceled', lines: 0 } as const;
  await finishJob(world.store, world.jobKey, result);
  world.store.clock.advance(30_000);
  await world.post('result', result);
  expect(await lastBeat(world.store, world.jobKey)).toBe(world.store.clock.now());
});
