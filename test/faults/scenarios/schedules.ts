import type { Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario, statuses } from '../scenario.ts';

/** Far enough ahead for a request that has to be repeated for a while (ms). */
const AHEAD_MS = 700_000;
/** Between a moment and its delivery (ms), of which some is left for whoever is faster. */
const DELIVERED_MS = 690;

const setUp = (story: Story) => {
  story.agent.plan = () => ({ ms: 3000, exitCode: 0 });
  story.cloud.schedules.deliveries = 2;
};

/** Plans a deployment, and does something while its delivery is on its way. */
const asItIsDelivered = (act: (story: Story, id: string) => Promise<unknown>) => async (story: Story) => {
  const id = await story.plan(AHEAD_MS);
  if (id === undefined) return;
  await story.pass(Math.max(0, story.plannedFor + DELIVERED_MS - story.cloud.timeline.now));
  await act(story, id);
  await story.pass(10_000);
  for (const { id: one } of story.deployments()) await story.ended(one);
};

/** Whoever deletes in time is obeyed; whoever is too late finds a deployment that goes its way. */
export const scheduleDeleted: Scenario = {
  name: 'schedule-deleted-as-it-is-due',
  setUp,
  play: asItIsDelivered((story, id) => story.ask('DELETE', `/v1/schedules/${id}`)),
  expect: ends('canceled'),
};

/** The old moment is on its way already; only the new one makes a deployment. */
export const scheduleMoved: Scenario = {
  name: 'schedule-moved-as-it-is-due',
  setUp,
  play: async (story) => {
    await asItIsDelivered((of, id) => {
      of.plannedFor = Math.floor(of.cloud.timeline.now + AHEAD_MS);
      const at = new Date(of.plannedFor).toISOString();
      return of.ask('PATCH', `/v1/schedules/${id}`, { at });
    })(story);
    await story.until(() => story.deployments().length > 0, AHEAD_MS + 120_000);
    await story.pass(10_000);
    for (const { id } of story.deployments()) await story.ended(id);
  },
  expect: (story) => {
    if (statuses(story) !== 'succeeded') return `there were: ${statuses(story)}`;
    const live = story.cloud.platform.history[0]?.at ?? 0;
    return live >= story.plannedFor ? undefined : 'it began at the moment that was no more';
  },
};
