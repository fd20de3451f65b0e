import { beforeEach, expect, test } from 'vitest';
import type { Actor } from '../../../shared/domain/access.ts';
import { beginStream, continueStream } from '../../../shared/store/continuations.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

const ADA: Actor = { tokenId: 'tok_1', subject: 'ada', kind: 'api', grants: [], groups: [] };
const TOPIC = 'deployment:dep_1';
const MINUTE = 60_000;

let store: TestStore;
let first: string;
beforeEach(async () => {
  store = await freshStore();
  first = await beginStream(store, ADA, TOPIC);
});
const next = async (continuation: string) => (await continueStream(store, continuation, TOPIC)).continuation;
const refused = (continuation: string, topic = TOPIC) =>
  expect(continueStream(store, continuation, topic)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });

test('one is good again and again, and says whose stream it is', async () => {
  for (let asked = 0; asked < 3; asked += 1)
    expect(await continueStream(store, first, TOPIC)).toEqual({ actor: ADA, continuation: first });
});

test('after five minutes another follows it; the one before is good until that was used', async () => {
  store.clock.advance(5 * MINUTE);
  const lost = await next(first);
  const second = await next(first);
  expect(new Set([first, lost, second]).size).toBe(3);
  await refused(lost);
  expect(await next(second)).toBe(second);
  await refused(first);
});

test('a stream that nobody asks for is over after a quarter of an hour, and one that is asked for goes on', async () => {
  let held = first;
  for (let minutes = 0; minutes < 60; minutes += 10) {
    store.clock.advance(10 * MINUTE);
    held = await next(held);
  }
  store.clock.advance(15 * MINUTE);
  await refused(held);
});

test('of two who ask at once each can go on', async () => {
  store.clock.advance(5 * MINUTE);
  const both = await Promise.all([next(first), next(first)]);
  const known = both.filter((continuation) => continuation !== first);
  expect(known.length).toBeGreaterThan(0);
  expect(await next(first)).toMatch(/^slc_/);
});

test('it is good for its topic alone, and what is none is refused', async () => {
  await refused(first, 'deployment:dep_2');
  for (const text of ['', 'slc_', `${first}x`, first.replace(/.$/, (end) => (end === 'A' ? 'E' : 'A'))])
    await refused(text);
});
