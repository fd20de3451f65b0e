import type { Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario } from '../scenario.ts';
import { quick } from '../set-ups.ts';

const site = { project: { target: { kind: 'site' } } };

/** Visitors come over in three steps; each of the first two bakes for so long (s). */
const canary = (bakeSeconds: number) => ({
  strategy: 'canary',
  steps: [{ weight: 10, bakeSeconds }, { weight: 50, bakeSeconds }, { weight: 100 }],
});
const blueGreen = (bakeSeconds: number) => ({
  strategy: 'blue-green',
  steps: [{ weight: 100, bakeSeconds }],
});

/** Starts it, and does something when a step bakes. */
const whenItBakes =
  (body: object, step: number, act: (story: Story, id: string) => Promise<unknown>) =>
  async (story: Story) => {
    const id = await story.deploy(body);
    if (id === undefined) return;
    await story.until(() => story.bakes(id, step) || story.hasEnded(id));
    await act(story, id);
    await story.ended(id);
  };

export const canaryBaked: Scenario = {
  name: 'canary',
  live: true,
  given: site,
  setUp: quick,
  play: async (story) => {
    await story.ended(await story.deploy(canary(30)));
  },
  expect: ends('succeeded succeeded', 1),
};

/** Somebody does not wait for the first bake; the second one still takes its time. */
export const canaryPromoted: Scenario = {
  name: 'canary-promoted',
  live: true,
  given: site,
  setUp: quick,
  play: whenItBakes(canary(120), 0, (story, id) => story.promote(id, { step: 1 })),
  expect: ends('succeeded succeeded', 1),
};

export const canaryAborted: Scenario = {
  name: 'canary-aborted',
  live: true,
  given: site,
  setUp: quick,
  play: whenItBakes(canary(20), 1, (story, id) => story.abort(id)),
  expect: ends('succeeded canceled', 0),
};

/** Abort and promote come in the same moment. */
export const canaryAbortedAndPromoted: Scenario = {
  name: 'canary-aborted-and-promoted',
  live: true,
  given: site,
  setUp: quick,
  play: whenItBakes(canary(60), 0, (story, id) =>
    Promise.all([story.promote(id, { all: true }), story.abort(id)]),
  ),
  expect: (story) => (story.shared === undefined ? undefined : 'it is left half live'),
};

/** What half of the visitors get is broken: all of them get what was live before. */
export const canaryFails: Scenario = {
  name: 'canary-fails',
  live: true,
  given: { ...site, environment: { healthCheck: { attempts: 2, intervalSeconds: 1 } } },
  setUp: (story) => {
    quick(story);
    const good = story.served;
    const half = () => (story.shared?.percent ?? 0) >= 50;
    story.cloud.platform.pageStatus = (id) => (id !== good && half() ? 500 : 200);
  },
  play: async (story) => {
    await story.ended(await story.deploy(canary(20)));
  },
  expect: ends('succeeded failed', 0),
};

export const blueGreenPromoted: Scenario = {
  name: 'blue-green-promoted',
  live: true,
  given: site,
  setUp: quick,
  play: whenItBakes(blueGreen(300), 0, (story, id) => story.promote(id)),
  expect: ends('succeeded succeeded', 1),
};

/** Green breaks during its bake, and blue is served again. */
export const blueGreenFails: Scenario = {
  name: 'blue-green-fails',
  live: true,
  given: { ...site, environment: { healthCheck: { attempts: 2, intervalSeconds: 1 } } },
  setUp: (story) => {
    quick(story);
    const good = story.served;
    story.cloud.platform.pageStatus = (id) =>
      id !== good && story.deployments().some((one) => one.id === id && one.rollout?.until !== undefined)
        ? 500
        : 200;
  },
  play: async (story) => {
    await story.ended(await story.deploy(blueGreen(30)));
  },
  expect: ends('succeeded failed', 0),
};

/** On a site a rollback serves the old release again, which is still there. */
export const rollbackOfASite: Scenario = {
  name: 'rollback-of-a-site',
  live: true,
  given: site,
  setUp: async (story) => {
    quick(story);
    await story.ended(await story.deploy());
  },
  play: async (story) => {
    await story.ended(await story.rollback());
  },
  expect: ends('succeeded succeeded succeeded', 2),
};
