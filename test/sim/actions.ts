import { isTerminal } from '../../shared/domain/status.ts';
import { kill } from '../lifecycle/cloud/process.ts';
import type { Story } from '../lifecycle/cloud/story.ts';
import type { Chance } from './chance.ts';

/** Something that somebody does, or that happens to the service from outside. */
type Action = (story: Story, chance: Chance) => unknown;

const open = (story: Story) => story.deployments().filter(({ status }) => !isTerminal(status));
const anyOf = (story: Story, chance: Chance) => chance.oneOf(story.deployments())?.id;

export const ACTIONS: Readonly<Record<string, { readonly weight: number; readonly act: Action }>> = {
  deploy: { weight: 10, act: (story) => story.deploy() },
  'deploy-by-force': { weight: 1, act: (story) => story.deploy({ force: true }) },
  'cancel-open': {
    weight: 4,
    act: (story, chance) => {
      const one = chance.oneOf(open(story));
      return one === undefined ? undefined : story.cancel(one.id);
    },
  },
  'cancel-any-twice': {
    weight: 1,
    act: (story, chance) => {
      const id = anyOf(story, chance);
      return id === undefined ? undefined : Promise.all([story.cancel(id), story.cancel(id)]);
    },
  },
  rollback: { weight: 3, act: (story) => story.rollback() },
  retry: {
    weight: 1,
    act: (story, chance) => {
      const id = anyOf(story, chance);
      return id === undefined ? undefined : story.ask('POST', `/v1/deployments/${id}/retry`, {});
    },
  },
  'stop-execution': {
    weight: 1,
    act: ({ cloud }, chance) => {
      const running = [...cloud.machines.executions.values()].filter(({ status }) => status === 'RUNNING');
      const one = chance.oneOf(running);
      if (one !== undefined) cloud.machines.stop(one);
    },
  },
  'kill-function': {
    weight: 2,
    act: ({ cloud }, chance) => {
      const one = chance.oneOf([...cloud.functions.running]);
      if (one !== undefined) kill(cloud.timeline, one);
    },
  },
  'kill-runner': {
    weight: 1,
    act: ({ cloud }) => {
      const runner = [...cloud.timeline.processes].find(({ label }) => label === 'runner');
      if (runner !== undefined) kill(cloud.timeline, runner);
    },
  },
  'change-policy': {
    weight: 1,
    act: (story, chance) => story.change({ concurrency: chance.oneOf(['reject', 'queue', 'supersede']) }),
  },
  'change-configuration': {
    weight: 1,
    act: (story, chance) =>
      story.change({ configuration: { color: chance.oneOf(['red', 'green', 'blue']) } }),
  },
};

const NAMES = Object.entries(ACTIONS).flatMap(([name, { weight }]) =>
  Array.from({ length: weight }, () => name),
);

export const anAction = (chance: Chance): string => chance.oneOf(NAMES) ?? 'deploy';
