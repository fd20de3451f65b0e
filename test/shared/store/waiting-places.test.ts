import { beforeEach, expect, test } from 'vitest';
import { leavePlace, numbersOf, takePlace, type WaitingPlace } from '../../../shared/store/waiting-places.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});

const team = (size: number) => Array.from({ length: size }, (_, n) => `person-${n}`);

/** All at once, and then one after the other: of many who race for a free place, all but one may go without it. */
async function takenBy(subjects: readonly string[], places: number): Promise<WaitingPlace[]> {
  const got = await Promise.all(subjects.map((subject) => takePlace(store, places, subject)));
  for (const subject of subjects) got.push(await takePlace(store, places, subject));
  return got.filter((place) => place !== undefined);
}

test('fifty who come at once for ten places: ten have one each, forty have none', async () => {
  const numbers = (await takenBy(team(50), 10)).map(({ number }) => number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('one who asks fifty times at once has a quarter of the places, and somebody else waits too', async () => {
  expect(
    await takenBy(
      Array.from({ length: 50 }, () => 'greedy'),
      50,
    ),
  ).toHaveLength(13);
  for (const subject of team(30)) expect(await takePlace(store, 50, subject)).toBeDefined();
});

test('whatever name somebody chooses, it has a quarter of the places, at least one', () => {
  for (const [places, own] of [
    [0, 0],
    [1, 1],
    [3, 1],
    [50, 13],
    [999, 250],
  ] as const) {
    const numbers = numbersOf('ada', places);
    expect(new Set(numbers).size).toBe(own);
    expect(numbers.every((number) => number >= 0 && number < places)).toBe(true);
  }
  const all = new Set(team(100).flatMap((subject) => numbersOf(subject, 50)));
  expect(all.size).toBe(50);
});

test('the last free place of somebody is found', async () => {
  const [one] = await takenBy(
    Array.from({ length: 50 }, () => 'ada'),
    80,
  );
  if (one === undefined) throw new Error('nobody had a place');
  await leavePlace(store, one);
  expect((await takePlace(store, 80, 'ada'))?.number).toBe(one.number);
});

test('a place whose lease is over goes to the next, and whoever had it cannot give it away', async () => {
  const first = await takePlace(store, 1, 'ada');
  if (first === undefined) throw new Error('there was no place');
  expect(await takePlace(store, 1, 'ada')).toBeUndefined();
  store.clock.advance(30_000);
  const second = await takePlace(store, 1, 'ada');
  expect(second?.number).toBe(0);
  await leavePlace(store, first);
  expect(await takePlace(store, 1, 'ada')).toBeUndefined();
});

test('without places nobody waits', async () => {
  expect(await takePlace(store, 0, 'ada')).toBeUndefined();
});
