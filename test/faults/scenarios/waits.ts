import { ends, type Scenario } from '../scenario.ts';
import { quick } from '../set-ups.ts';

const approvals = { required: 2 };

/** Two people agree, neither of them who started it. */
export const approval: Scenario = {
  name: 'approval',
  given: { environment: { approvals } },
  setUp: quick,
  play: async (story) => {
    const id = await story.deploy();
    if (id === undefined) return;
    await story.approve(id, 'bob');
    await story.approve(id, 'eve');
    await story.ended(id);
  },
  expect: ends('succeeded', 0),
};

/** What was agreed to changes while the second is asked; both have to agree anew. */
export const approvalVoided: Scenario = {
  name: 'approval-voided',
  given: { environment: { approvals } },
  setUp: quick,
  play: async (story) => {
    const id = await story.deploy();
    if (id === undefined) return;
    await story.approve(id, 'bob');
    await story.change({ configuration: { color: 'blue' } });
    await story.approve(id, 'eve');
    await story.pass(5000);
    if (story.isIn(id, 'gate')) await story.approve(id, 'bob');
    if (story.isIn(id, 'gate')) await story.approve(id, 'eve');
    await story.cancel(id);
    await story.ended(id);
  },
  expect: (story) => (story.deployments().length === 1 ? undefined : 'nothing was started'),
};

export const approvalRejected: Scenario = {
  name: 'approval-rejected',
  given: { environment: { approvals } },
  setUp: quick,
  play: async (story) => {
    const id = await story.deploy();
    if (id === undefined) return;
    await story.approve(id, 'bob');
    await story.reject(id, 'eve');
    await story.ended(id);
  },
  expect: ends('canceled'),
};

/** Two that are due wait until the freeze ends, and come in their order. */
export const freeze: Scenario = {
  name: 'freeze',
  given: { environment: { concurrency: 'queue' } },
  setUp: quick,
  play: async (story) => {
    await story.freeze(120_000);
    const [first, second] = [await story.deploy(), await story.deploy()];
    for (const id of [first, second]) await story.ended(id);
  },
  expect: ends('succeeded succeeded', 1),
};

/** Planned for a moment, which is delivered twice. */
export const schedule: Scenario = {
  name: 'schedule',
  setUp: (story) => {
    quick(story);
    story.cloud.schedules.deliveries = 2;
  },
  play: async (story) => {
    // Far enough ahead for a request that has to be repeated for a while.
    if ((await story.plan(700_000)) === undefined) return;
    await story.until(() => story.deployments().length > 0, 60_000);
    await story.ended(story.deployments()[0]?.id);
  },
  expect: ends('succeeded', 0),
};
