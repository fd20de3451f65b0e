import { LAMBDA_GB, PRICES } from './prices.ts';
import type { Cost } from './records.ts';

/** What was counted; the prices are computed from it. */
export type Counted = Omit<Cost, 'usd' | 'control' | 'build'>;

export const NO_COST: Cost = {
  usd: 0,
  control: 0,
  build: 0,
  transitions: 0,
  writeUnits: 0,
  readUnits: 0,
  posts: 0,
  lambdaMs: 0,
  buildSeconds: 0,
};

/** Adds what was counted and prices the sum. `buildSeconds` are those of CodeBuild; a team's own agent costs nothing here. */
export function addCost(cost: Cost, more: Partial<Counted>): Cost {
  const sum: Counted = {
    transitions: cost.transitions + (more.transitions ?? 0),
    writeUnits: cost.writeUnits + (more.writeUnits ?? 0),
    readUnits: cost.readUnits + (more.readUnits ?? 0),
    posts: cost.posts + (more.posts ?? 0),
    lambdaMs: cost.lambdaMs + (more.lambdaMs ?? 0),
    buildSeconds: cost.buildSeconds + (more.buildSeconds ?? 0),
  };
  const control =
    sum.transitions * PRICES.transition +
    sum.writeUnits * PRICES.writeUnit +
    sum.readUnits * PRICES.readUnit +
    sum.posts * PRICES.post +
    (sum.lambdaMs / 1000) * LAMBDA_GB * PRICES.lambdaGbSecond;
  const build = Math.ceil(sum.buildSeconds / 60) * PRICES.buildMinute;
  return { ...sum, control: dollars(control), build: dollars(build), usd: dollars(control + build) };
}

/** Ten decimal places: a hundredth of the smallest price, without the noise of binary fractions. */
const dollars = (amount: number) => Number(amount.toFixed(10));
