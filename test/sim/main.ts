/**
 * `npm run test:sim`: simulates seed after seed (see simulate.ts) and counts what may never be.
 *
 *   --seeds <n>   how many (100)
 *   --stack <path>  the stack as it was emitted before
 *   --from <n>    the first (1); `--from 4711 --seeds 1` replays one exactly, with its diary
 */
import { parseArgs } from 'node:util';
import { Workers } from '../faults/workers.ts';
import { FAILURES, type Failure } from '../lifecycle/cloud/invariants.ts';
import { keptStack } from '../lifecycle/cloud/stack.ts';
import { PATHS, type Path } from './reached.ts';
import type { SimAnswer } from './worker.ts';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    stack: { type: 'string' },
  },
});
const [from, count] = [Number(options.from), Number(options.seeds)];
/** From so many seeds on every path has to have been reached. */
const ENOUGH = 500;

const stack = options.stack ?? keptStack();
const workers = new Workers({ entry: new URL('./worker.ts', import.meta.url), stack });
const failures = new Map<Failure, number>();
const paths = new Map<Path, number>();
let broken = 0;
let runs = 0;
let deployments = 0;
const since = performance.now();

await workers.ask(
  Array.from({ length: count }, (_, i) => ({ seed: from + i })),
  ({ seed }, answer: SimAnswer) => {
    runs += 1;
    deployments += answer.deployments;
    for (const path of answer.paths) paths.set(path, (paths.get(path) ?? 0) + 1);
    for (const failure of new Set(answer.violations.map((one) => one.failure)))
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
    if (answer.broken !== undefined) broken += 1;
    if (answer.broken === undefined && answer.violations.length === 0 && count > 1) return;
    console.log(`seed ${seed}${answer.broken === undefined ? '' : ` BROKEN ${answer.broken}`}`);
    for (const { failure, what } of answer.violations) console.log(`  ${failure}: ${what}`);
    if (count === 1) for (const line of answer.diary) console.log(`  ${line}`);
    else console.log(`  again: npm run test:sim -- --seeds 1 --from ${seed}`);
  },
);
workers.stop();

for (const path of PATHS) console.log(`${String(paths.get(path) ?? 0).padStart(6)}  ${path}`);
const unreached = count < ENOUGH ? [] : PATHS.filter((path) => !paths.has(path));
if (unreached.length > 0) console.log(`Never reached: ${unreached.join(', ')}`);
console.log(
  `${runs} seeds, ${deployments} deployments in ${((performance.now() - since) / 1000).toFixed(0)} s.`,
);
const totals = Object.fromEntries(FAILURES.map((failure) => [failure, failures.get(failure) ?? 0]));
console.log(JSON.stringify({ runs, ...totals, unreached: unreached.length }));
process.exit(broken === 0 && failures.size === 0 && unreached.length === 0 ? 0 : 1);
