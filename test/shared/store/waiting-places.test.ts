import { beforeEach, expect, test } from 'vitest';
import { leavePlace, takePlace } from '../../../shared/store/waiting-places.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});

test('fifty who come at once for ten places: ten have one each, forty have none', async () => {
  const got = await Promise.all(Array.from({ length: 50 }, () => takePlace(store, 10)));
  const numbers = got.flatMap((place) => (place === undefined ? [] : [place.number]));
  expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the last free place is found', async () => {
  const places = await Promise.all(Array.from({ length: 200 }, () => takePlace(store, 20)));
  const [one] = places.filter((place) => place !== undefined);
  if (one === undefined) throw new Error('nobody had a place');
  await leavePlace(store, one);
  expect((await takePlace(store, 20))?.number).toBe(one.number);
});

test('a place whose lease is over goes to the next, and whoever had it cannot give it away', async () => {
  const first = await takePlace(store, 1);
  if (first === undefined) throw new Error('there was no place');
  expect(await takePlace(store, 1)).toBeUndefined();
  store.clock.advance(30_000);
  const second = await takePlace(store, 1);
  expect(second?.number).toBe(0);
  await leavePlace(store, first);
  expect(await takePlace(store, 1)).toBeUndefined();
});

test('without places nobody waits', async () => {
  expect(await takePlace(store, 0)).toBeUndefined();
});
