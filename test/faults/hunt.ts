import type { Mutant } from './mutants.ts';
import { nameOf, type Planned } from './plan.ts';
import type { Workers } from './workers.ts';

/** Plays the runs with each bug planted until one of them notices. Were all caught? */
export async function huntMutants(
  mutants: readonly Mutant[],
  runs: readonly Planned[],
  workersWith: (planted: string) => Workers,
): Promise<boolean> {
  let missed = 0;
  for (const { name, patches } of mutants) {
    const workers = workersWith(JSON.stringify(patches));
    const since = performance.now();
    let played = 0;
    let caught: string | undefined;
    await workers.ask(
      runs,
      (planned, { violations, broken }) => {
        played += 1;
        const wrong =
          violations[0] === undefined ? broken : `${violations[0].failure}: ${violations[0].what}`;
        if (wrong !== undefined) caught ??= `${nameOf(planned)}\n    ${wrong}`;
      },
      () => caught !== undefined,
    );
    workers.stop();
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    if (caught === undefined) missed += 1;
    console.log(
      caught === undefined
        ? `MISSED ${name} (${played} runs, ${seconds} s)`
        : `caught ${name} (${played} runs, ${seconds} s) by ${caught}`,
    );
  }
  console.log(JSON.stringify({ mutants: mutants.length, missed }));
  return missed === 0;
}
