import type { Story } from '../../lifecycle/cloud/story.ts';
import { ends, type Scenario } from '../scenario.ts';

/** Deploys, and cancels as soon as something is so. */
const cancelWhen = (isSo: (story: Story, id: string) => boolean) => async (story: Story) => {
  const id = await story.deploy();
  if (id === undefined) return;
  await story.until(() => isSo(story, id) || story.hasEnded(id));
  await story.cancel(id);
  await story.ended(id);
};

const inStage = (stage: string): Scenario['play'] => cancelWhen((story, id) => story.isIn(id, stage));

export const cancelInGate: Scenario = {
  name: 'cancel-in-gate',
  live: true,
  play: cancelWhen(() => true),
  expect: ends('succeeded canceled', 0),
};

export const cancelInBuild: Scenario = {
  name: 'cancel-in-build',
  live: true,
  play: cancelWhen((story, id) => story.agent.building.has(id)),
  expect: (story) =>
    story.agent.building.size > 0 ? 'the build goes on' : ends('succeeded canceled', 0)(story),
};

export const cancelInRelease: Scenario = {
  name: 'cancel-in-release',
  live: true,
  setUp: (story) => {
    story.cloud.platform.placingMs = 15_000;
  },
  play: inStage('release'),
  expect: ends('succeeded canceled', 0),
};

export const cancelInVerify: Scenario = {
  name: 'cancel-in-verify',
  live: true,
  given: { environment: { healthCheck: { attempts: 20, intervalSeconds: 1 } } },
  setUp: (story) => {
    const good = story.served;
    story.cloud.platform.pageStatus = (id) => (id === good || story.served === id ? 200 : 500);
  },
  play: inStage('verify'),
  expect: ends('succeeded canceled', 0),
};

/** The wish comes as the activation begins: before its intent it is never live, after it it is switched back. */
export const cancelAsItActivates: Scenario = {
  name: 'cancel-as-it-activates',
  live: true,
  play: inStage('activate'),
  expect: (story) => (story.cancels.length === 1 ? undefined : 'nobody canceled'),
};

/** From the activation on, a cancel is a switch back. */
export const cancelInActivate: Scenario = {
  name: 'cancel-in-activate',
  live: true,
  given: { environment: { healthCheck: { attempts: 20, intervalSeconds: 1 } } },
  setUp: (story) => {
    const good = story.served;
    story.cloud.platform.pageStatus = (id) => (id === good || story.served !== id ? 200 : 500);
  },
  play: cancelWhen((story, id) => story.served === id),
  expect: ends('succeeded canceled', 0),
};

/** The wish comes while the settlement is under way: it counts, or it comes too late and is told so. */
export const cancelAsItSettles: Scenario = {
  name: 'cancel-as-it-settles',
  live: true,
  play: inStage('settle'),
  expect: (story) => (story.cancels.length === 1 ? undefined : 'nobody canceled'),
};
