import { isTerminal } from '../../shared/domain/status.ts';
import { kill } from '../lifecycle/cloud/process.ts';
import type { Story } from '../lifecycle/cloud/story.ts';
import type { Chance } from './chance.ts';

/** Something that somebody does, or that happens to the service from outside. */
type Action = (story: Story, chance: Chance) => unknown;

const open = (story: Story) => story.deployments().filter(({ status }) => !isTerminal(status));
const baking = (story: Story, chance: Chance) =>
  chance.oneOf(open(story).filter(({ rollout }) => rollout?.until !== undefined));
function end({ cloud: { machines } }: Story, chance: Chance, how: 'stop' | 'timeOut' | 'lose'): void {
  const running = [...machines.executions.values()].filter(({ status }) => status === 'RUNNING');
  const one = chance.oneOf(running);
  if (one !== undefined) machines[how](one);
}

/** How traffic is to move, where the target can move it. */
function aWay({ moves }: Story, chance: Chance): object {
  const bakeSeconds = chance.happens(0.3) ? 0 : chance.between(20, 240);
  if (!moves || chance.happens(0.3)) return {};
  return chance.happens(0.3)
    ? { strategy: 'blue-green', steps: [{ weight: 100, bakeSeconds }] }
    : {
        strategy: 'canary',
        steps: [{ weight: 20, bakeSeconds }, { weight: 60, bakeSeconds }, { weight: 100 }],
      };
}

const anyOf = (story: Story, chance: Chance) => chance.oneOf(story.deployments())?.id;

export const ACTIONS: Readonly<Record<string, { readonly weight: number; readonly act: Action }>> = {
  deploy: { weight: 10, act: (story, chance) => story.deploy(aWay(story, chance)) },
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
  promote: {
    weight: 3,
    act: (story, chance) => {
      const id = baking(story, chance)?.id;
      return id === undefined ? undefined : story.promote(id, chance.happens(0.3) ? { all: true } : {});
    },
  },
  abort: {
    weight: 1,
    act: (story, chance) => {
      const id = baking(story, chance)?.id;
      return id === undefined ? undefined : story.abort(id);
    },
  },
  plan: { weight: 2, act: (story, chance) => story.plan(chance.between(310, 600) * 1000) },
  'change-of-plan': {
    weight: 1,
    act: (story, chance) => {
      const id = chance.oneOf(story.planned);
      if (id === undefined) return undefined;
      const at = new Date(Math.floor(story.cloud.timeline.now) + 400_000).toISOString();
      return chance.happens(0.5)
        ? story.ask('DELETE', `/v1/schedules/${id}`)
        : story.ask('PATCH', `/v1/schedules/${id}`, { at });
    },
  },
  freeze: { weight: 1, act: (story, chance) => story.freeze(chance.between(30, 300) * 1000) },
  approve: {
    weight: 2,
    act: (story, chance) => {
      const asked = story.deployments().filter(({ status }) => status === 'awaiting-approval');
      const id = chance.oneOf(asked)?.id;
      return id === undefined ? undefined : story.approve(id, chance.happens(0.5) ? 'bob' : 'eve');
    },
  },
  'free-what-drains': {
    weight: 3,
    act: (story) => {
      // Whoever frees it has looked at the server, and has ended what went on there.
      if (story.slot().reason?.startsWith('draining:') !== true) return undefined;
      story.cloud.platform.letGo('given up');
      return story.releaseSlot();
    },
  },
  'stop-execution': { weight: 1, act: (story, chance) => end(story, chance, 'stop') },
  'time-out-execution': { weight: 1, act: (story, chance) => end(story, chance, 'timeOut') },
  'lose-execution': { weight: 1, act: (story, chance) => end(story, chance, 'lose') },
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
