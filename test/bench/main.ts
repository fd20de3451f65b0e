import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.ts';

/** `npm run bench [name]`: every file here that exports `run`, then all figures as one JSON line. */
const NOT_BENCHES = new Set(['main.ts', 'figure.ts', 'conventional.ts']);

const wanted = process.argv[2];
const figures: Figure[] = [];
for (const file of readdirSync(import.meta.dirname).sort()) {
  if (!file.endsWith('.ts') || NOT_BENCHES.has(file) || (wanted !== undefined && !file.includes(wanted)))
    continue;
  // The files of this folder agree on one export; a helper without it is passed over.
  const bench = (await import(join(import.meta.dirname, file))) as { run?: () => Promise<Figure[]> };
  if (bench.run === undefined) continue;
  process.stdout.write(`${file}\n`);
  for (const figure of await bench.run()) {
    figures.push(figure);
    process.stdout.write(
      `  ${figure.ok ? 'ok  ' : 'OVER'} ${figure.name}: ${figure.value} ${figure.unit} (bound ${figure.bound}, ratio ${figure.ratio})\n`,
    );
  }
}
process.stdout.write(
  `${JSON.stringify(Object.fromEntries(figures.map(({ name, value, bound, ratio, ok }) => [name, { value, bound, ratio, ok }])))}\n`,
);
process.exit(figures.every((figure) => figure.ok) ? 0 : 1);
