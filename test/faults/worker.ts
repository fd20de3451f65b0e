/**
 * Plays runs for main.ts, one after the other, in a process of its own: the functions hold the clients, the clock
 * and the randomness of their process.
 */
import { readFileSync } from 'node:fs';
import type { Fault, Site } from '../lifecycle/cloud/faults.ts';
import { loadHandlers } from '../lifecycle/cloud/handlers.ts';
import type { Violation } from '../lifecycle/cloud/invariants.ts';
import type { Stack } from '../lifecycle/cloud/stack.ts';
import { seedOf } from './plan.ts';
import { runOnce } from './run.ts';
import { SCENARIOS } from './scenarios/index.ts';

export interface Ask {
  readonly scenario: string;
  readonly fault?: Fault;
}

export interface Answer {
  readonly reached: boolean;
  readonly violations: readonly Violation[];
  readonly sites: readonly Site[];
  /** What is wrong with a run without faults. */
  readonly unexpected?: string | undefined;
  /** The harness itself broke. */
  readonly broken?: string | undefined;
}

const stack = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Stack;
const handlers = await loadHandlers(stack);

async function answer({ scenario: name, fault }: Ask): Promise<Answer> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new TypeError(`There is no scenario ${name}.`);
  const seed = seedOf(`${name} ${JSON.stringify(fault)}`);
  try {
    const run = await runOnce({ stack, handlers, seed }, scenario, fault);
    const unexpected = fault === undefined ? scenario.expect(run.story) : undefined;
    const { reached, violations, sites } = run;
    return { reached, violations, sites: fault === undefined ? sites : [], unexpected };
  } catch (error) {
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { reached: false, violations: [], sites: [], broken };
  }
}

process.on('message', (ask: Ask) => {
  void answer(ask).then((said) => process.send?.(said));
});
process.send?.('ready');
