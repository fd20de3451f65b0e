import type { CloudSettings } from '../lifecycle/cloud/cloud.ts';
import { isQuiet, type Violation, violationsIn, Watch } from '../lifecycle/cloud/invariants.ts';
import { asNobody } from '../lifecycle/cloud/process.ts';
import { Story } from '../lifecycle/cloud/story.ts';
import { ACTIONS, anAction } from './actions.ts';
import { Chance } from './chance.ts';
import { type Path, pathsOf } from './reached.ts';
import { clearUp, weatherOf } from './weather.ts';

/** The longest that anything may take once everything works (ms): a line of several, each with all its deadlines. */
const OVER_MS = 4 * 3600_000;
/** What was sent before everything was quiet has landed by then (ms). */
const LANDED_MS = 180_000;

export interface Simulated {
  readonly violations: readonly Violation[];
  readonly paths: readonly Path[];
  /** What happened, for whoever looks into a seed that failed. */
  readonly diary: readonly string[];
  readonly story: Story;
}

/** Lets a seed decide what people do and what goes wrong for some time, then has everything work, and looks. */
export async function simulate(settings: CloudSettings): Promise<Simulated> {
  const chance = new Chance(settings.seed);
  const moves = chance.happens(0.4);
  const story = await Story.given(settings, {
    ...(moves ? { project: { target: { kind: 'site' } } } : {}),
    environment: {
      ...(chance.happens(0.15) ? { approvals: { required: 1 } } : {}),
      concurrency: chance.oneOf(['reject', 'queue', 'queue', 'supersede']),
      rollbackOnFailure: !chance.happens(0.2),
      healthCheck: { attempts: chance.between(1, 3), intervalSeconds: 1 },
    },
  });
  const { timeline } = story.cloud;
  const watch = new Watch(story);
  behave(story, chance);
  const weather = weatherOf(story, chance);
  story.begin(weather);
  const diary: string[] = [];
  let refused = 0;
  const count = chance.between(4, 16);
  const does = (name: string) => {
    diary.push(`${new Date(timeline.now).toISOString()} ${name}`);
    asNobody(async () => {
      const done = await ACTIONS[name]?.act(story, chance);
      if (name.startsWith('deploy') && done === undefined) refused += 1;
    }).catch((error: unknown) => diary.push(`  ${name} threw ${String(error)}`));
  };
  for (let n = 0; n < count; n += 1) {
    does(anAction(chance));
    const pause = chance.happens(0.3) ? chance.between(0, 500) : chance.between(1, 120) * 1000;
    await timeline.run(() => false, timeline.now + pause);
  }
  await timeline.run(() => false, timeline.now + chance.between(0, 600) * 1000);
  // Whatever drains by now has done so for long: people look at the server, or it comes to its end by itself.
  if (chance.happens(0.5)) {
    does('free-what-drains');
    await timeline.run(() => false, timeline.now + 30_000);
  }
  clearUp(story, weather, chance);
  diary.push(`${new Date(timeline.now).toISOString()} everything works`);
  agreeToAll(story);
  // People's programs ask on for some minutes; what they start is part of the story.
  await timeline.run(() => false, timeline.now + 300_000);
  await timeline.run(() => isQuiet(story), timeline.now + OVER_MS);
  // There is nothing left to build; only what was sent may still arrive.
  story.agent.stopped = true;
  await timeline.run(() => false, timeline.now + LANDED_MS);
  return {
    violations: [...watch.violations, ...violationsIn(story)],
    paths: pathsOf(story, refused),
    diary,
    story,
  };
}

/** Whoever is still asked agrees in the end; else what waits for people would wait for them for ever. */
function agreeToAll(story: Story): void {
  story.cloud.timeline.in(60_000, () => {
    for (const { id, status } of story.deployments())
      if (status === 'awaiting-approval') asNobody(() => story.approve(id, 'bob'));
    agreeToAll(story);
  });
}

/** How builds, the target and the pages behave, each deployment in its own way. */
function behave(story: Story, chance: Chance): void {
  const { platform } = story.cloud;
  const plans = new Map<string, { ms: number; exitCode: number }>();
  story.agent.plan = (id) => {
    const plan = plans.get(id) ?? {
      ms: chance.happens(0.05) ? 400_000 : chance.between(1, 60) * 1000,
      exitCode: chance.happens(0.15) ? 1 : 0,
    };
    plans.set(id, plan);
    return plan;
  };
  platform.stubborn = chance.happens(0.15);
  platform.placingMs = chance.oneOf([0, 0, 5000, 60_000]) ?? 0;
  const bad = new Map<string, boolean>();
  platform.pageStatus = (id) => {
    const isBad = bad.get(id) ?? chance.happens(0.2);
    bad.set(id, isBad);
    const isLive = story.served === id || story.shared?.deploymentId === id;
    return isBad && isLive ? 500 : 200;
  };
}
