/** One measured number and the bound it is held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `value` must be at most this (or at least, where `atLeast`). */
  readonly bound: number;
  /** `value` / `bound`: how much of it is used, or how often it is reached where `atLeast`. */
  readonly ratio: number;
  readonly ok: boolean;
}

export const atMost = (name: string, value: number, bound: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  unit,
  bound: rounded(bound),
  ratio: ratioOf(value, bound),
  ok: value <= bound,
});
export const atLeast = (name: string, value: number, bound: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  unit,
  bound: rounded(bound),
  ratio: ratioOf(value, bound),
  ok: value >= bound,
});

/** Nothing of a bound of nothing is all that there may be. */
const ratioOf = (value: number, bound: number) => (bound === 0 && value === 0 ? 1 : rounded(value / bound));
const rounded = (value: number) => Math.round(value * 1000) / 1000;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
