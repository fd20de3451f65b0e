/**
 * Lets a deployment wait for an hour in every way there is, and the hour pass without it, and prints which calls were
 * made to AWS in both. In a process of its own: the functions hold the clients, the clock and the randomness of theirs.
 */
import { readFileSync } from 'node:fs';
import { Faults } from '../cloud/faults.ts';
import { loadHandlers } from '../cloud/handlers.ts';
import { asNobody } from '../cloud/process.ts';
import type { Stack } from '../cloud/stack.ts';
import { type Given, Story } from '../cloud/story.ts';

const HOUR_MS = 3_600_000;
/** Whatever begins a wait is done by then. */
const SETTLED_MS = 180_000;

interface Wait {
  readonly given?: Given;
  /** What is there besides the deployment that waits. */
  readonly before?: (story: Story) => Promise<unknown>;
  readonly begin: (story: Story) => Promise<unknown>;
  readonly status: string;
}

const longBuild = { timeouts: { buildSeconds: 28_800, deploymentSeconds: 43_200 }, concurrency: 'queue' };

const WAITS: Readonly<Record<string, Wait>> = {
  approval: {
    given: { environment: { approvals: { required: 1 } } },
    begin: (story) => story.deploy(),
    status: 'awaiting-approval',
  },
  freeze: {
    before: (story) => story.freeze(3 * HOUR_MS),
    begin: (story) => story.deploy(),
    status: 'held',
  },
  schedule: { begin: (story) => story.plan(3 * HOUR_MS), status: 'scheduled' },
  queue: {
    given: { environment: longBuild },
    before: (story) => story.deploy(),
    begin: (story) => story.deploy(),
    status: 'queued',
  },
};

const stack = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Stack;
const handlers = await loadHandlers(stack);

/** Functions remember jobs by their names, so no two of them may be named alike. */
let seeds = 0;

/** Calls of an hour by name, with the deployment that waits or without it; and what that one shows at its end. */
async function hour({ given, before, begin }: Wait, isThere: boolean) {
  seeds += 1;
  const story = await Story.given({ stack, handlers, seed: seeds }, given);
  const { timeline } = story.cloud;
  story.agent.plan = () => ({ ms: 4 * HOUR_MS, exitCode: 0 });
  let failure: unknown;
  const play = async () => {
    await before?.(story);
    await story.pass(SETTLED_MS);
    if (isThere) await begin(story);
  };
  asNobody(play).catch((error: unknown) => {
    failure = error ?? new Error('It failed.');
  });
  await timeline.run(() => failure !== undefined, timeline.now + 2 * SETTLED_MS);
  if (failure !== undefined) throw failure;
  const faults = new Faults();
  story.begin(faults);
  await timeline.run(() => false, timeline.now + HOUR_MS);
  story.agent.stopped = true;
  const calls: Record<string, number> = {};
  for (const { name } of faults.sites) calls[name] = (calls[name] ?? 0) + 1;
  return { calls, statuses: story.deployments().map(({ status }) => status) };
}

export interface Said {
  readonly name: string;
  readonly status: string;
  readonly without: Awaited<ReturnType<typeof hour>>;
  readonly waiting: Awaited<ReturnType<typeof hour>>;
}

const said: Said[] = [];
for (const [name, wait] of Object.entries(WAITS)) {
  const without = await hour(wait, false);
  said.push({ name, status: wait.status, without, waiting: await hour(wait, true) });
}
process.stdout.write(JSON.stringify(said));
