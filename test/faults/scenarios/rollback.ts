import { ends, type Scenario } from '../scenario.ts';
import { quick } from '../set-ups.ts';

/** A second one is live, and is left for the first. */
export const rollback: Scenario = {
  name: 'rollback',
  live: true,
  setUp: async (story) => {
    quick(story);
    await story.ended(await story.deploy());
  },
  play: async (story) => {
    await story.ended(await story.rollback());
  },
  expect: ends('succeeded succeeded succeeded', 2),
};

/** A rollback asks what runs to give way, and comes before what waits. */
export const rollbackInAHurry: Scenario = {
  name: 'rollback-in-a-hurry',
  live: true,
  given: { environment: { concurrency: 'queue' } },
  setUp: async (story) => {
    quick(story);
    await story.ended(await story.deploy());
  },
  play: async (story) => {
    const running = await story.deploy();
    const waiting = await story.deploy();
    await story.until(() => story.isIn(running, 'build'), 60_000);
    const back = await story.rollback();
    for (const id of [running, back, waiting]) await story.ended(id);
  },
  expect: ends('succeeded succeeded canceled succeeded succeeded', 3),
};
