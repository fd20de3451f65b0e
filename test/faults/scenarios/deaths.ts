import type { StageOrSettle } from '../../../shared/domain/status.ts';
import type { Execution, StateMachines } from '../../lifecycle/cloud/states/machines.ts';
import { readDeployment, type Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario } from '../scenario.ts';

/** What can become of an execution but its own end. */
const DEATHS = {
  stopped: (machines: StateMachines, execution: Execution) => machines.stop(execution),
  'timed-out': (machines: StateMachines, execution: Execution) => machines.timeOut(execution),
  lost: (machines: StateMachines, execution: Execution) => machines.lose(execution),
} as const;
type Death = keyof typeof DEATHS;

/** Has a stage take long enough to be met in it. */
const LINGER: Readonly<Record<StageOrSettle, (story: Story) => void | Promise<void>>> = {
  gate: async (story) => {
    await story.change({ approvals: { required: 1 } });
  },
  build: (story) => {
    story.agent.plan = () => ({ ms: 40_000, exitCode: 0 });
  },
  release: ({ cloud }) => {
    cloud.platform.placingMs = 15_000;
  },
  verify: (story) => {
    const good = story.served;
    story.cloud.platform.pageStatus = (id) => (id === good ? 200 : 500);
  },
  activate: (story) => {
    const good = story.served;
    story.cloud.platform.pageStatus = (id) => (id === good || story.served !== id ? 200 : 500);
  },
  settle: () => {},
};

/**
 * It is settled within this (ms) after its execution's end, or after its last sign: a function that goes on for a while,
 * a call that may still land.
 */
const SETTLED_MS = 120_000;

/** The execution ends in a stage by no doing of its own; its deployment is settled all the same, and soon. */
function death(how: Death, stage: StageOrSettle): Scenario {
  let diedAt = 0;
  let atRest = 0;
  return {
    name: `${how}-in-${stage}`,
    live: true,
    given: {
      environment: {
        healthCheck: { attempts: 20, intervalSeconds: 1 },
      },
    },
    setUp: LINGER[stage],
    play: async (story) => {
      const { machines, timeline } = story.cloud;
      [diedAt, atRest] = [0, 0];
      story.cloud.records.listeners.push(({ key, after }) => {
        if (key.sk !== 'DEP' || after === undefined) return;
        const { calls, settling } = readDeployment(after);
        atRest = Math.max(atRest, settling === undefined ? timeline.now : 0, ...Object.values(calls));
      });
      const id = await story.deploy();
      if (id === undefined) return;
      const isThere = () => (stage === 'gate' ? isAsked(story, id) : story.isIn(id, stage));
      await story.until(() => isThere() || story.hasEnded(id));
      const execution = [...machines.executions.values()].find((one) => one.name === id);
      if (execution !== undefined) DEATHS[how](machines, execution);
      // What waits for people costs nothing, not even a look: that it is lost is noticed once they have answered.
      if (how === 'lost' && stage === 'gate') await story.approve(id, 'bob');
      diedAt = timeline.now;
      await story.ended(id);
    },
    expect: (story) => {
      const late = lateness(story, Math.max(diedAt, atRest));
      if (late > SETTLED_MS) return `it was settled ${late / 1000} s after everything had come to rest`;
      return stage === 'settle' ? ends('succeeded succeeded', 1)(story) : ends('succeeded failed', 0)(story);
    },
  };
}

const isAsked = (story: Story, id: string) => story.deployment(id)?.status === 'awaiting-approval';

/** How long (ms) after a moment the last one ended. */
function lateness(story: Story, since: number): number {
  const ends = story.deployments().map((one) => ('finishedAt' in one ? Date.parse(one.finishedAt) : 0));
  return Math.max(...ends) - since;
}

const STAGES: readonly StageOrSettle[] = ['gate', 'build', 'release', 'verify', 'activate', 'settle'];

export const deaths: readonly Scenario[] = STAGES.flatMap((stage) =>
  (['stopped', 'timed-out', 'lost'] as const).map((how) => death(how, stage)),
);
