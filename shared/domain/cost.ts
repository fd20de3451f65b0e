import { PRICES } from './prices.ts';
import type { Cost } from './records.ts';

/** What was counted; the prices are computed from it. */
export type Counted = Omit<Cost, 'usd' | 'control' | 'build'>;
/** What the price table has a price for. Build time is paid by the begun minute. */
export type Counter = Exclude<keyof Counted, 'buildSeconds'>;
/** Some of it. */
export type Units = Partial<Counted>;

const NOTHING: Counted = {
  transitions: 0,
  writeUnits: 0,
  readUnits: 0,
  posts: 0,
  lambdaMs: 0,
  buildSeconds: 0,
  gbSeconds: 0,
  invocations: 0,
  requests: 0,
  messages: 0,
  queued: 0,
  events: 0,
  schedules: 0,
  puts: 0,
  gets: 0,
  traces: 0,
  sentBytes: 0,
  storedBytes: 0,
  calls: 0,
};

export const NO_COST: Cost = { usd: 0, control: 0, build: 0, ...NOTHING };

export const COUNTERS = Object.keys(NOTHING) as readonly (keyof Counted)[];
const PRICED = Object.entries(PRICES.each) as readonly (readonly [Counter, number])[];

export function sumOf(a: Units, b: Units): Units {
  const sum: { -readonly [K in keyof Units]: Units[K] } = { ...a };
  for (const name of COUNTERS) {
    const more = b[name] ?? 0;
    if (more !== 0) sum[name] = rounded((sum[name] ?? 0) + more, 9);
  }
  return sum;
}

/** Adds what was counted and prices the sum. `buildSeconds` are those of CodeBuild; a team's own agent costs nothing here. */
export function addCost(cost: Cost, more: Units): Cost {
  const sum: Counted = { ...NOTHING, ...sumOf(countedIn(cost), more) };
  const control = priceOf(sum);
  const build = Math.ceil(sum.buildSeconds / 60) * PRICES.buildMinute;
  return { ...sum, control: dollars(control), build: dollars(build), usd: dollars(control + build) };
}

/** What the counted things cost without build minutes, in dollars. */
export const priceOf = (units: Units): number =>
  PRICED.reduce((sum, [name, price]) => sum + (units[name] ?? 0) * price, 0);

/** The function's memory for records that were counted before there was a price for each function's own (GB). */
const GB_BEFORE = 0.5;

/** A cost as it is stored, also one of before, when less was counted. */
export function costFrom(stored: Partial<Cost>): Cost {
  const gbSeconds = stored.gbSeconds ?? rounded(((stored.lambdaMs ?? 0) / 1000) * GB_BEFORE, 9);
  return { ...NO_COST, ...stored, gbSeconds };
}

/** As it is stored: what is nothing is left out, since each change of a record pays for its bytes. */
export const storedCost = (cost: Cost): Partial<Cost> =>
  Object.fromEntries(Object.entries(cost).filter(([, value]) => value !== 0));

const countedIn = ({ usd: _usd, control: _control, build: _build, ...counted }: Cost): Counted => counted;

/** Ten decimal places: a hundredth of the smallest price, without the noise of binary fractions. */
const dollars = (amount: number) => rounded(amount, 10);
const rounded = (amount: number, places: number) => Number(amount.toFixed(places));
