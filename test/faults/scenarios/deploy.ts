import { ends, type Scenario } from '../scenario.ts';

export const deploy: Scenario = {
  name: 'deploy',
  live: true,
  play: async (story) => {
    await story.ended(await story.deploy());
  },
  expect: ends('succeeded succeeded', 1),
};

/** The target works on the release for a while, and is asked through the queue. */
export const deployPending: Scenario = {
  name: 'deploy-pending',
  setUp: (story) => {
    story.cloud.platform.placingMs = 8000;
  },
  play: async (story) => {
    await story.ended(await story.deploy());
  },
  expect: ends('succeeded', 0),
};

export const failedBuild: Scenario = {
  name: 'failed-build',
  live: true,
  setUp: (story) => {
    story.agent.plan = () => ({ ms: 10_000, exitCode: 7 });
  },
  play: async (story) => {
    await story.ended(await story.deploy());
  },
  expect: ends('succeeded failed', 0),
};

export const failedLiveCheck: Scenario = {
  name: 'failed-live-check',
  live: true,
  given: { environment: { healthCheck: { attempts: 2, intervalSeconds: 1 } } },
  setUp: (story) => {
    const good = story.served;
    // Staged it looks well, live it does not.
    story.cloud.platform.pageStatus = (id) => (id === good || story.served !== id ? 200 : 500);
  },
  play: async (story) => {
    await story.ended(await story.deploy());
  },
  expect: ends('succeeded failed', 0),
};

/** A second start while the first runs is refused; after it, it goes through. */
export const reject: Scenario = {
  name: 'reject',
  setUp: (story) => {
    story.agent.plan = () => ({ ms: 3000, exitCode: 0 });
  },
  play: async (story) => {
    const [first, second] = await Promise.all([story.deploy(), story.deploy()]);
    await story.ended(first ?? second);
    await story.ended(await story.deploy());
  },
  expect: ends('succeeded succeeded', 1),
};

/** Two starts of one version at once: nothing but the slot can tell them apart. */
export const twoOfAVersion: Scenario = {
  name: 'two-of-a-version',
  live: true,
  setUp: (story) => {
    story.agent.plan = () => ({ ms: 3000, exitCode: 0 });
  },
  play: async (story) => {
    const versionId = story.deployments()[0]?.versionId;
    const ids = await Promise.all([story.deploy({ versionId }), story.deploy({ versionId })]);
    for (const id of ids) await story.ended(id);
  },
  expect: ends('succeeded succeeded', 1),
};
