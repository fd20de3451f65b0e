import type { Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario } from '../scenario.ts';

const quick = (story: Story) => {
  story.agent.plan = () => ({ ms: 3000, exitCode: 0 });
};

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
    const good = story.served;
    let bad: string | undefined;
    story.cloud.platform.pageStatus = (id) => {
      if (id === good || story.served !== id) return 200;
      bad ??= id;
      return id === bad ? 500 : 200;
    };
  },
  play: async (story) => {
    const first = await story.deploy();
    await story.ended(first);
    if (first !== undefined) await story.ended(await story.retry(first));
  },
  expect: ends('succeeded failed succeeded', 2),
};
