/**
 * `npm run test:logs`: logs of deployments by the million lines, through the real handlers and the real feed of the SDK,
 * with viewers whose connections break, pushes that are lost and functions that die; counts what may never be.
 *
 *   --lines <n>       lines of builds in all (1,000,000)
 *   --reconnects <n>  times that a viewer's connection is cut, in all (10,000)
 *   --worlds <n>      services that share them, each with a seed of its own (8)
 *   --seed <n>        the first seed (1); `--seed 3 --worlds 1` replays one world with an eighth of all
 *   --from <n>        the same as --seed
 *   --mutants [name]  plants each bug of mutants.ts in turn; each has to be caught
 */
import { parseArgs } from 'node:util';
import { Workers } from '../faults/workers.ts';
import { MUTANTS } from './mutants.ts';
import type { Ask, Played } from './play.ts';
import { faultsOf, Tally } from './tally.ts';

const { values: options, positionals } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    reconnects: { type: 'string', default: '10000' },
    worlds: { type: 'string', default: '8' },
    seed: { type: 'string' },
    from: { type: 'string' },
    mutants: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

/** Deployments of a world. */
const DEPLOYMENTS = 2;

/** A world is played in a minute; a bug that has it go round without a pause ends here. */
const PATIENCE_MS = 30 * 60_000;

const settings = { entry: new URL('./worker.ts', import.meta.url), stack: '', patienceMs: PATIENCE_MS };
const first = Number(options.seed ?? options.from ?? '1');
const worlds = Number(options.worlds);
/** Cuts that come while a connection is being made anyway, and lines that an end cuts off, are made up for. */
const SPARE = 1.2;
const asks: readonly Ask[] = Array.from({ length: worlds }, (_, i) => ({
  seed: first + i,
  deployments: DEPLOYMENTS,
  lines: Math.ceil(Number(options.lines) / worlds),
  reconnects: Math.ceil((Number(options.reconnects) / worlds) * SPARE),
}));

if (options.mutants) await hunt();
else await playAll();

async function playAll(): Promise<void> {
  const workers = new Workers(settings);
  const tally = new Tally();
  await workers.ask(asks, (_, played: Played) => {
    tally.add(played);
    console.log(tally.lineOf(played));
  });
  workers.stop();
  const faults = [...faultsOf(tally.all), ...tally.tooFew(Number(options.lines), Number(options.reconnects))];
  for (const fault of faults) console.log(fault);
  console.log(tally.summary());
  console.log(JSON.stringify(tally.counts));
  process.exit(faults.length === 0 ? 0 : 1);
}

/** Each bug in worlds of its own, until one of them shows it. */
async function hunt(): Promise<void> {
  const wanted = MUTANTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const missed: string[] = [];
  for (const { name, patches } of wanted) {
    const workers = new Workers({ ...settings, planted: JSON.stringify(patches) });
    let caught: string | undefined;
    await workers.ask(
      asks,
      (_, played: Played) => {
        caught ??= faultsOf(played)[0];
      },
      () => caught !== undefined,
    );
    workers.stop();
    if (caught === undefined) missed.push(name);
    console.log(caught === undefined ? `MISSED ${name}` : `caught ${name}: ${caught}`);
  }
  console.log(JSON.stringify({ mutants: wanted.length, missed: missed.length }));
  process.exit(missed.length === 0 ? 0 : 1);
}
