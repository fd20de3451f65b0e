import { ends, type Scenario } from '../scenario.ts';
import { firstFailsLive, quick } from '../set-ups.ts';

/** The build fails once; the retry builds again. */
export const retryOfABuild: Scenario = {
  name: 'retry-of-a-build',
  setUp: (story) => {
    let bad: string | undefined;
    story.agent.plan = (id) => {
      bad ??= id;
      return { ms: 3000, exitCode: id === bad ? 1 : 0 };
    };
  },
  play: async (story) => {
    const first = await story.deploy();
    await story.ended(first);
    if (first !== undefined) await story.ended(await story.retry(first));
  },
  expect: ends('failed succeeded', 1),
};

/** What was built fails live; the retry takes the artifact that is there. */
export const retryOfWhatWasBuilt: Scenario = {
  name: 'retry-of-what-was-built',
  live: true,
  given: { environment: { healthCheck: { attempts: 2, intervalSeconds: 1 } } },
  setUp: (story) => {
    quick(story);
    firstFailsLive(story);
  },
  play: async (story) => {
    const first = await story.deploy();
    await story.ended(first);
    if (first !== undefined) await story.ended(await story.retry(first));
  },
  expect: ends('succeeded failed succeeded', 2),
};
