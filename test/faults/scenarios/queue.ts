import { ends, type Scenario } from '../scenario.ts';
import { firstFailsLive, quick } from '../set-ups.ts';

/** Three starts, one after the other; the middle one is canceled while it waits. */
export const queueOfThree: Scenario = {
  name: 'queue-of-three',
  given: { environment: { concurrency: 'queue' } },
  setUp: quick,
  play: async (story) => {
    const first = await story.deploy();
    const second = await story.deploy();
    const third = await story.deploy();
    if (second !== undefined) await story.cancel(second);
    for (const id of [first, second, third]) await story.ended(id);
  },
  expect: ends('succeeded canceled succeeded', 2),
};

/** The one that runs fails, so the next gets its turn from a settlement that undoes something. */
export const queueBehindAFailure: Scenario = {
  name: 'queue-behind-a-failure',
  live: true,
  given: {
    environment: { concurrency: 'queue', healthCheck: { attempts: 2, intervalSeconds: 1 } },
  },
  setUp: (story) => {
    quick(story);
    firstFailsLive(story);
  },
  play: async (story) => {
    const [first, second] = [await story.deploy(), await story.deploy()];
    for (const id of [first, second]) await story.ended(id);
  },
  expect: ends('succeeded failed succeeded', 2),
};

/** Of those that wait only the newest is left. */
export const supersede: Scenario = {
  name: 'supersede',
  given: { environment: { concurrency: 'supersede' } },
  setUp: quick,
  play: async (story) => {
    const ids = [await story.deploy(), await story.deploy(), await story.deploy()];
    for (const id of ids) await story.ended(id);
  },
  expect: ends('succeeded canceled succeeded', 2),
};

/** The next one joins the line in the moment in which the slot is handed on. */
export const joinAsItEnds: Scenario = {
  name: 'join-as-it-ends',
  given: { environment: { concurrency: 'queue' } },
  setUp: quick,
  play: async (story) => {
    const first = await story.deploy();
    await story.until(() => story.isIn(first, 'settle') || first === undefined || story.hasEnded(first));
    // The settlement has read the line by then, and has not written yet where its write is slow.
    await story.pass(60);
    const second = await story.deploy();
    for (const id of [first, second]) await story.ended(id);
  },
  expect: ends('succeeded succeeded', 1),
};
