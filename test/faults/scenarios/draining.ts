import type { Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario } from '../scenario.ts';

/** The next one waits until the slot is free, so that a slot that is kept too long keeps somebody waiting. */
const given = { environment: { concurrency: 'queue' } } as const;
const setUp = (story: Story) => {
  story.agent.plan = () => ({ ms: 3000, exitCode: 0 });
  story.cloud.platform.stubborn = true;
};

const draining = (story: Story) => story.slot().reason?.startsWith('draining:') === true;

/** Starts two. The first one's activation never ends; once it has ended `timeout` and drains, something happens. */
const onceItDrains = (act: (story: Story) => unknown) => async (story: Story) => {
  const ids = [await story.deploy(), await story.deploy()];
  await story.until(() => draining(story) || ids.every((id) => id === undefined || story.hasEnded(id)));
  await act(story);
  // Whatever else went wrong, from here on the server does as it is told.
  if (!draining(story)) story.cloud.platform.letGo('given up');
  for (const id of ids) await story.ended(id);
};

/** Goes live after its deployment has ended: the record learns it, and only then is the slot free. */
export const landsAfterItsEnd: Scenario = {
  name: 'never-ends-and-lands-at-last',
  live: true,
  given,
  setUp,
  play: onceItDrains((story) => story.cloud.platform.letGo('done')),
  expect: ends('succeeded timeout succeeded', 2),
};

export const givenUpAfterItsEnd: Scenario = {
  name: 'never-ends-and-is-given-up-at-last',
  live: true,
  given,
  setUp,
  play: onceItDrains((story) => story.cloud.platform.letGo('given up')),
  expect: ends('succeeded timeout succeeded', 2),
};

/** Somebody has looked at the server, has ended what went on there, and frees the slot. */
export const freedByAnAdmin: Scenario = {
  name: 'never-ends-and-is-freed',
  live: true,
  given,
  setUp,
  play: onceItDrains(async (story) => {
    // Before the service can see it.
    const { platform } = story.cloud;
    const freed = story.releaseSlot();
    platform.stubborn = false;
    await freed;
    platform.letGo('given up');
  }),
  expect: ends('succeeded timeout succeeded', 2),
};
