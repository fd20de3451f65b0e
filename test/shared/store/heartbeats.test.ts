import { expect, test } from 'vitest';
import { beat, lastBeat } from '../../../shared/store/heartbeats.ts';
import { freshStore } from '../../support/store.ts';

const JOB = 'dep_01ARZ3NDEKTSV4RRFFQ69G5FAV.build.1';

test('a job that was never heard of has no beat', async () => {
  expect(await lastBeat(await freshStore(), JOB)).toBeUndefined();
});

test('the last beat counts, and a stalled older one does not replace it', async () => {
  const store = await freshStore();
  const start = store.clock.now();
  await beat(store, JOB);
  store.clock.set(start + 5000);
  await beat(store, JOB);
  store.clock.set(start + 1000);
  await beat(store, JOB);
  expect(await lastBeat(store, JOB)).toBe(start + 5000);
});
