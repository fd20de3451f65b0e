/**
 * `npm run test:model`: lets a seed decide what people do, and holds what the service shows against a small model of
 * it after each step. A difference is shrunk to the shortest way to it.
 *
 *   --runs <n>     so many (100)
 *   --seed <n>     the seed (1); printed, so that a failure can be played again
 *   --path <text>  of a failure that was printed: only that one
 *   --stack <path> the stack as it was emitted before
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { loadHandlers } from '../lifecycle/cloud/handlers.ts';
import { keptStack, type Stack } from '../lifecycle/cloud/stack.ts';
import { ALL, done } from './commands.ts';
import { Model, type Policy } from './model.ts';
import { Real } from './real.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    path: { type: 'string' },
    stack: { type: 'string' },
  },
});
const STEPS = 40;
/** Shrinking plays runs too; then the shortest way found so far is told. */
const PATIENCE_MS = 20 * 60_000;

const stack = JSON.parse(readFileSync(options.stack ?? keptStack(), 'utf8')) as Stack;
const handlers = await loadHandlers(stack);
const seed = Number(options.seed);
let runs = 0;

const property = fc.asyncProperty(
  fc.constantFrom<Policy>('reject', 'queue', 'supersede'),
  fc.boolean(),
  fc.commands(ALL, { maxCommands: STEPS, size: 'max' }),
  async (policy, approvals, commands) => {
    runs += 1;
    const setup = async () => ({
      model: new Model(policy, approvals),
      real: await Real.given({ stack, handlers, seed: seed * 100_000 + runs }, policy, approvals),
    });
    await fc.asyncModelRun(setup, commands);
  },
);

const { path } = options;
const result = await fc.check(property, {
  seed,
  numRuns: Number(options.runs),
  interruptAfterTimeLimit: PATIENCE_MS,
  ...(path === undefined ? {} : { path }),
});
if (result.failed) console.log(fc.defaultReportMessage(result), result.errorInstance);
for (const [kind, count] of Object.entries(done)) console.log(`${String(count).padStart(6)}  ${kind}`);
const untried = Object.entries(done).flatMap(([kind, count]) => (count === 0 ? [kind] : []));
console.log(JSON.stringify({ runs, seed, different: result.failed ? 1 : 0, untried }));
process.exit(result.failed ? 1 : 0);
