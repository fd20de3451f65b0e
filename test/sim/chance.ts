import { numbersFrom } from '../lifecycle/cloud/determined.ts';

/** Everything that a seed decides. */
export class Chance {
  readonly #number: () => number;

  constructor(seed: number) {
    this.#number = numbersFrom(seed);
  }

  /** In [0, 1). */
  unit = (): number => this.#number();
  happens = (probability: number): boolean => this.#number() < probability;
  /** A whole number from `low` up to and including `high`. */
  between = (low: number, high: number): number => low + Math.floor(this.#number() * (high - low + 1));

  oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#number() * choices.length)];
  }
}
