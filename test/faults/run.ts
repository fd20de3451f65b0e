import type { CloudSettings } from '../lifecycle/cloud/cloud.ts';
import { type Fault, Faults, type Site } from '../lifecycle/cloud/faults.ts';
import { isQuiet, type Violation, violationsIn, Watch } from '../lifecycle/cloud/invariants.ts';
import { asNobody } from '../lifecycle/cloud/process.ts';
import { Story } from '../lifecycle/cloud/story.ts';
import type { Scenario } from './scenario.ts';

/** The longest that anything may take once nothing goes wrong any more (ms): gate, total, drain and two sweeps. */
const DEADLINE_MS = 45 * 60_000;
/** What was sent before everything was quiet has landed by then (ms). */
const LANDED_MS = 180_000;

export interface Run {
  readonly reached: boolean;
  readonly violations: readonly Violation[];
  /** Of a run without faults: every call it made. */
  readonly sites: readonly Site[];
  readonly story: Story;
}

/** Plays a scenario once, with one fault or none, until all is over, and looks at what is left. */
export async function runOnce(settings: CloudSettings, scenario: Scenario, fault?: Fault): Promise<Run> {
  const story = await Story.given(settings, scenario.given);
  const { timeline } = story.cloud;
  if (scenario.live === true)
    await finished(story, async () => void (await story.ended(await story.deploy())));
  await finished(story, async () => scenario.setUp?.(story));
  const watch = new Watch(story);
  const faults = new Faults(fault);
  story.begin(faults);
  let played = false;
  let broken: unknown;
  asNobody(() => scenario.play(story)).then(
    () => {
      played = true;
    },
    (error: unknown) => {
      broken = error;
      played = true;
    },
  );
  const over = () => played && (faults.over ?? 0) <= timeline.now;
  await timeline.run(over, timeline.now + 3 * DEADLINE_MS);
  faults.lift();
  await timeline.run(() => isQuiet(story), timeline.now + DEADLINE_MS);
  // There is nothing left to build; only what was sent may still arrive.
  story.agent.stopped = true;
  await timeline.run(() => false, timeline.now + LANDED_MS);
  if (broken !== undefined) throw broken;
  const violations = [...watch.violations, ...violationsIn(story)];
  return { reached: faults.reachedAt !== undefined, violations, sites: faults.sites, story };
}

async function finished(story: Story, work: () => Promise<void>): Promise<void> {
  let done = false;
  let failure: unknown;
  asNobody(work).then(
    () => {
      done = true;
    },
    (error: unknown) => {
      failure = error ?? new Error('It failed.');
    },
  );
  const { timeline } = story.cloud;
  await timeline.run(() => done || failure !== undefined, timeline.now + DEADLINE_MS);
  if (failure !== undefined) throw failure;
  await timeline.run(() => isQuiet(story), timeline.now + DEADLINE_MS);
}
