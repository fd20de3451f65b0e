import type { Mutant } from './mutants.ts';
import { chosenFrom, nameOf, type Planned } from './plan.ts';
import type { Answer } from './worker.ts';
import type { Workers } from './workers.ts';

type Question = Planned | { readonly scenario: string };

const shown = (question: Question) =>
  'fault' in question ? nameOf(question) : `${question.scenario} without faults`;

/** What of a run would have been noticed. */
function noticed({ violations, unexpected, broken }: Answer): string | undefined {
  const [first] = violations;
  return first === undefined ? (unexpected ?? broken) : `${first.failure}: ${first.what}`;
}

/** So many of the likely runs are played before the stories, and the rest of them after. */
const FIRST = 12;

/**
 * Plays runs with each bug planted until one of them notices: some of those that are likely to, the stories without
 * faults, the other likely ones, then the chosen ones. Were all caught?
 */
export async function huntMutants(
  mutants: readonly Mutant[],
  all: readonly Planned[],
  chosen: readonly Planned[],
  workersWith: (planted: string) => Workers,
): Promise<boolean> {
  const missed: string[] = [];
  const stories = [...new Set(all.map(({ scenario }) => scenario))].map((scenario) => ({ scenario }));
  for (const { name, patches, likely } of mutants) {
    const workers = workersWith(JSON.stringify(patches));
    const since = performance.now();
    const first = all.filter((one) => likely !== undefined && nameOf(one).includes(likely));
    const some = likely === undefined ? [] : chosenFrom(first, FIRST);
    const questions: readonly Question[] = [...some, ...stories, ...first, ...chosen];
    let played = 0;
    let caught: string | undefined;
    const hear = (question: Question, answer: Answer) => {
      played += 1;
      const what = noticed(answer);
      if (what !== undefined) caught ??= `${shown(question)}\n    ${what}`;
    };
    await workers.ask(questions, hear, () => caught !== undefined);
    workers.stop();
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    if (caught === undefined) missed.push(name);
    const verdict = caught === undefined ? 'MISSED' : 'caught';
    console.log(
      `${verdict} ${name} (${played} runs, ${seconds} s)${caught === undefined ? '' : ` by ${caught}`}`,
    );
  }
  console.log(JSON.stringify({ mutants: mutants.length, missed: missed.length }));
  return missed.length === 0;
}
