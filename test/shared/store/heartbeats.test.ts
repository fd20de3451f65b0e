import { expect, test } from 'vitest';
import { beat, lastBeat, lastHeard, wasHeard } from '../../../shared/store/heartbeats.ts';
import { appendLines } from '../../../shared/store/log-append.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

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

/** One line of a producer, a chunk of its own. */
const line = async (store: TestStore, producer: string) => {
  const [deploymentId = ''] = JOB.split('.');
  const at = store.clock.now();
  const said = { at, level: 'info', step: 'build', source: 'build', message: 'x' } as const;
  await appendLines(store, deploymentId, producer, 'next', [said]);
};
const END_OF_SECOND = 999;

test('a runner was heard of when its last lines were written, to the second, beats or not', async () => {
  const store = await freshStore();
  const start = store.clock.now();
  const since = start - 60_000;
  expect(await lastHeard(store, JOB, since)).toBeUndefined();
  await line(store, 'build.1');
  expect(await lastHeard(store, JOB, since)).toBe(start + END_OF_SECOND);
  store.clock.set(start + 20_000);
  await beat(store, JOB);
  store.clock.set(start + 30_000);
  await line(store, 'build.1');
  expect(await lastHeard(store, JOB, since)).toBe(start + 30_000 + END_OF_SECOND);
});

test('lines of others are none of it, however many stand behind its own', async () => {
  const store = await freshStore();
  const start = store.clock.now();
  await line(store, 'build.0');
  await line(store, 'gate');
  expect(await lastHeard(store, JOB, start - 60_000)).toBeUndefined();
  await line(store, 'build.1');
  store.clock.set(start + 10_000);
  for (let n = 0; n < 30; n += 1) await line(store, 'activate');
  expect(await lastHeard(store, JOB, start - 60_000)).toBe(start + END_OF_SECOND);
});

test('lines from before the time that counts are not looked for: the last beat says when it was', async () => {
  const store = await freshStore();
  const start = store.clock.now();
  await beat(store, JOB);
  store.clock.set(start + 5000);
  await line(store, 'build.1');
  store.clock.set(start + 70_000);
  expect(await lastHeard(store, JOB, start + 10_000)).toBe(start);
});

test('a beat after the last lines is the last that was heard, and either of them will do', async () => {
  const store = await freshStore();
  const start = store.clock.now();
  expect(await wasHeard(store, JOB, start - 60_000)).toBe(false);
  await line(store, 'build.1');
  expect(await wasHeard(store, JOB, start - 60_000)).toBe(true);
  expect(await wasHeard(store, JOB, start + 1000)).toBe(false);
  store.clock.set(start + 20_000);
  await beat(store, JOB);
  expect(await lastHeard(store, JOB, start - 60_000)).toBe(start + 20_000);
  expect(await wasHeard(store, JOB, start + 1000)).toBe(true);
});
