import { inject } from 'vitest';
import { ran } from './command-line.ts';

export interface CliOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Standard output as one JSON object. */
  json<T>(): T;
}

/** Runs `slipway` as a person does, against the shared stack. */
export const slipway = (...args: readonly string[]): Promise<CliOutcome> =>
  slipwayAs(inject('stack').token, ...args);

/** The same as somebody else. */
export async function slipwayAs(token: string, ...args: readonly string[]): Promise<CliOutcome> {
  const { url } = inject('stack');
  const outcome = await ran(args, { NO_COLOR: '1', SLIPWAY_URL: url, SLIPWAY_TOKEN: token });
  // The caller names the shape of what the command prints.
  return { ...outcome, json: <T>() => JSON.parse(outcome.out) as T };
}
