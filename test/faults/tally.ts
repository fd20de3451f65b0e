import { FAILURES, type Failure } from '../lifecycle/cloud/invariants.ts';
import { nameOf, type Planned } from './plan.ts';
import type { Answer } from './worker.ts';

/** So many runs that went wrong are shown in full. */
const SHOWN = 40;

/** Counts runs and what was wrong in them. */
export class Tally {
  readonly #failures = new Map<Failure, number>();
  readonly #runs = new Map<string, number>();
  readonly #since = performance.now();
  #unreached = 0;
  #wrong = 0;
  /** Runs in which the harness, or a story without faults, did not do what it must. */
  broken = 0;

  baseline(scenario: string, { violations, unexpected, broken }: Answer): void {
    const wrong = broken ?? unexpected ?? violations[0]?.what;
    if (wrong === undefined) return;
    this.broken += 1;
    console.error(`${scenario} without faults: ${wrong}`);
  }

  add(planned: Planned, { reached, violations, broken }: Answer): void {
    if (broken !== undefined) {
      this.broken += 1;
      console.error(`BROKEN ${nameOf(planned)}\n${broken}`);
      return;
    }
    // A fault that was not met proves nothing.
    if (!reached) {
      this.#unreached += 1;
      return;
    }
    this.#runs.set(planned.scenario, (this.#runs.get(planned.scenario) ?? 0) + 1);
    for (const failure of new Set(violations.map((one) => one.failure)))
      this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1);
    if (violations.length > 0) this.#show(planned, violations);
  }

  #show(planned: Planned, violations: Answer['violations']): void {
    this.#wrong += 1;
    if (this.#wrong > SHOWN) return;
    console.error(`WRONG ${nameOf(planned)}`);
    for (const { failure, what } of violations) console.error(`  ${failure}: ${what}`);
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#since) / 1000);
  }

  /** Prints the counts and answers with them: runs in which something was wrong, by what. */
  report(): Record<'runs' | Failure, number> {
    const runs = [...this.#runs.values()].reduce((sum, count) => sum + count, 0);
    for (const [scenario, count] of [...this.#runs].sort())
      console.log(`${String(count).padStart(6)}  ${scenario}`);
    console.log(`${runs} runs in ${this.seconds} s; in ${this.#unreached} more the fault was not met.`);
    const failures = FAILURES.map((failure) => [failure, this.#failures.get(failure) ?? 0]);
    // Object.fromEntries forgets which names went in.
    return { runs, ...(Object.fromEntries(failures) as Record<Failure, number>) };
  }
}
