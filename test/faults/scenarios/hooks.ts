import { HOOK_HOST } from '../../lifecycle/cloud/platform.ts';
import type { Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario } from '../scenario.ts';
import { quick } from '../set-ups.ts';

const http = (name: string) => ({ type: 'http', name, url: `https://${HOOK_HOST}/${name}` });
const command = (name: string) => ({ type: 'command', name, command: `./${name}.sh` });
const hooks = {
  pre: [command('check'), http('announce')],
  post: [http('purge'), command('smoke'), http('done')],
};

const play: Scenario['play'] = async (story) => {
  await story.ended(await story.deploy());
};

/** How the hooks of the last deployment went. */
const runsOf = (story: Story): string =>
  (
    story
      .deployments()
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .at(-1)?.hooks ?? []
  )
    .map(({ name, status }) => `${name} ${status}`)
    .join(', ');

const endsWith = (statuses: string, live: number, runs: string) => (story: Story) =>
  ends(statuses, live)(story) ?? (runsOf(story) === runs ? undefined : `the hooks went ${runsOf(story)}`);

/** Commands and calls before anything is changed and after it is live. */
export const deployWithHooks: Scenario = {
  name: 'deploy-with-hooks',
  live: true,
  setUp: async (story) => {
    quick(story);
    await story.change({ hooks });
  },
  play,
  expect: endsWith(
    'succeeded succeeded',
    1,
    'check succeeded, announce succeeded, purge succeeded, smoke succeeded, done succeeded',
  ),
};

/** What went live is switched back because of a command that fails after it. */
export const failedPostHook: Scenario = {
  name: 'failed-post-hook',
  live: true,
  setUp: async (story) => {
    quick(story);
    story.agent.planHook = (name) => ({ ms: 2000, exitCode: name === 'smoke' ? 3 : 0 });
    await story.change({ hooks: { post: [command('smoke'), http('done')] } });
  },
  play,
  expect: endsWith('succeeded failed', 0, 'smoke failed, done skipped'),
};

/** A rollback stays where it went, whatever becomes of its hooks. */
export const rollbackWithHooks: Scenario = {
  name: 'rollback-with-hooks',
  live: true,
  setUp: async (story) => {
    quick(story);
    await story.ended(await story.deploy());
    story.cloud.platform.hookStatus = () => 500;
    const post = [
      { ...http('purge'), onRollback: true },
      { ...command('smoke'), onRollback: true },
    ];
    await story.change({ hooks: { post } });
  },
  play: async (story) => {
    await story.ended(await story.rollback());
  },
  expect: endsWith('succeeded succeeded succeeded', 2, 'purge warned, smoke succeeded'),
};

/** Somebody cancels while a command runs after it went live. */
export const cancelInPostHook: Scenario = {
  name: 'cancel-in-post-hook',
  live: true,
  setUp: async (story) => {
    quick(story);
    story.agent.planHook = () => ({ ms: 30_000, exitCode: 0 });
    await story.change({ hooks: { post: [command('smoke')] } });
  },
  play: async (story) => {
    const id = await story.deploy();
    if (id === undefined) return;
    await story.until(() => story.hasEnded(id) || (story.served === id && story.agent.building.has(id)));
    await story.cancel(id);
    await story.ended(id);
  },
  expect: endsWith('succeeded canceled', 0, 'smoke failed'),
};
