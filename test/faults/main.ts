/**
 * `npm run test:faults`: plays every scenario with every fault at every call, and counts what may never be.
 *
 *   --scenario <name>   only this one (repeatable)
 *   --most <n>          at most so many runs, always the same ones, spread over everything (6500)
 *   --at <text>         only sites, kinds or names of runs that hold the text
 *   --mutants [name]    plants each bug of mutants.ts in turn; each has to be caught
 *   --stack <path>      the stack as it was emitted before
 */
import { parseArgs } from 'node:util';
import { FAILURES } from '../lifecycle/cloud/invariants.ts';
import { keptStack } from '../lifecycle/cloud/stack.ts';
import { huntMutants } from './hunt.ts';
import { MUTANTS } from './mutants.ts';
import { chosenFrom, faultsOf, nameOf, type Planned } from './plan.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { Tally } from './tally.ts';
import type { Answer } from './worker.ts';
import { Workers } from './workers.ts';

const { values: options, positionals } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    most: { type: 'string', default: '6500' },
    at: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    stack: { type: 'string' },
  },
  allowPositionals: true,
});

/** A line after so many runs, so that whoever waits sees that it goes on. */
const PROGRESS_EVERY = 500;

const stack = options.stack ?? keptStack();
const entry = new URL('./worker.ts', import.meta.url);
const workers = new Workers({ entry, stack });
const names = SCENARIOS.map(({ name }) => name).filter((name) => options.scenario?.includes(name) ?? true);

const planned: Planned[] = [];
const tally = new Tally();
await workers.ask(
  names.map((scenario) => ({ scenario })),
  ({ scenario }, answer: Answer) => {
    tally.baseline(scenario, answer);
    planned.push(...faultsOf(scenario, answer.sites));
  },
);
const named = planned.filter((one) => options.at === undefined || nameOf(one).includes(options.at));
const chosen = chosenFrom(named, Number(options.most));

// With a story that fails by itself, every bug would seem to be caught.
if (options.mutants && tally.broken > 0) process.exit(1);
if (options.mutants) {
  workers.stop();
  const wanted = MUTANTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  process.exit(
    (await huntMutants(wanted, planned, chosen, (planted) => new Workers({ entry, stack, planted }))) ? 0 : 1,
  );
}

console.log(`${names.length} scenarios, ${planned.length} faults in all, ${chosen.length} to be played.`);
let played = 0;
await workers.ask(chosen, (one, answer: Answer) => {
  tally.add(one, answer);
  played += 1;
  if (played % PROGRESS_EVERY === 0) console.log(`${played} played after ${tally.seconds} s`);
});
workers.stop();
const totals = tally.report();
console.log(JSON.stringify(totals));
process.exit(tally.broken === 0 && FAILURES.every((failure) => totals[failure] === 0) ? 0 : 1);
