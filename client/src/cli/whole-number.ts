import { usage } from './exit.ts';

/** The whole number that an option gives, refused outside of its bounds. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw usage(`${option} is a whole number from ${least} to ${most}.`);
}
