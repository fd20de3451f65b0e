/**
 * Plays a deployment and prints what its record says that it cost, beside what the cloud was really asked for. In a
 * process of its own: the functions hold the clients, the clock and the randomness of theirs.
 */
import { readFileSync } from 'node:fs';
import { addCost, NO_COST } from '../../../shared/domain/cost.ts';
import type { Cost } from '../../../shared/domain/records.ts';
import { corpusLines } from '../../support/corpus.ts';
import type { Burst } from '../cloud/agent.ts';
import { loadHandlers } from '../cloud/handlers.ts';
import { asNobody } from '../cloud/process.ts';
import type { Stack } from '../cloud/stack.ts';
import { Story } from '../cloud/story.ts';

export interface Play {
  readonly name: string;
  readonly seconds: number;
  readonly lines: number;
  readonly bursts: number;
  readonly viewers: number;
}

export interface Played {
  readonly name: string;
  readonly status: string;
  /** What its record says, and what was really spent. */
  readonly cost: Cost;
  readonly spent: Cost;
  /** Lines that every viewer heard. */
  readonly heard: readonly number[];
}

const [stackFile = '', playsText = '[]'] = process.argv.slice(2);
const stack = JSON.parse(readFileSync(stackFile, 'utf8')) as Stack;
const plays = JSON.parse(playsText) as readonly Play[];
const handlers = await loadHandlers(stack);
const messages = corpusLines('npm-build.log').map(({ message }) => message);

/** The lines of a recorded build, over and over, in equal bursts at equal distances. */
function outputOf({ seconds, lines, bursts }: Play): Burst[] {
  const each = lines / bursts;
  return Array.from({ length: bursts }, (_, burst) => ({
    afterMs: Math.floor((burst * seconds * 1000) / bursts),
    lines: Array.from({ length: each }, (_line, n) => messages[(burst * each + n) % messages.length] ?? ''),
  }));
}

const known = ({ transitions, storedBytes }: Cost) => ({ transitions, storedBytes });

async function play(one: Play, seed: number): Promise<Played> {
  const timeouts = { buildSeconds: 3600, deploymentSeconds: 7200 };
  const story = await Story.given({ stack, handlers, seed }, { environment: { timeouts } });
  const { cloud } = story;
  story.agent.plan = () => ({ ms: one.seconds * 1000, exitCode: 0, output: outputOf(one) });
  cloud.spent = {};
  const heard = Array.from({ length: one.viewers }, () => 0);
  let id: string | undefined;
  asNobody(async () => {
    id = await story.deploy();
    for (const viewer of heard.keys())
      await story.watch(id ?? '', (frame) => {
        if (frame.type === 'log') heard[viewer] = (heard[viewer] ?? 0) + frame.data.lines.length;
      });
  }).catch((error: unknown) => {
    throw error;
  });
  const closed = () => {
    const deployment = id === undefined ? undefined : story.deployment(id);
    return deployment !== undefined && story.hasEnded(deployment.id) && !deployment.closing;
  };
  const end = cloud.timeline.now + (one.seconds + 600) * 1000;
  await cloud.timeline.run(closed, end);
  // What had begun by then belongs to it.
  await cloud.timeline.run(() => false, cloud.timeline.now + 2000);
  story.agent.stopped = true;
  const deployment = story.deployment(id ?? '');
  if (deployment === undefined) throw new Error('It was not started.');
  return {
    name: one.name,
    status: deployment.status,
    cost: deployment.cost,
    // Nothing outside knows what the engine's states cost, or how long a log is kept.
    spent: addCost(NO_COST, { ...cloud.spent, ...known(deployment.cost) }),
    heard,
  };
}

const played: Played[] = [];
for (const [i, one] of plays.entries()) played.push(await play(one, i + 1));
process.stdout.write(JSON.stringify(played));
