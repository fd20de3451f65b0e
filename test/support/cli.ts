import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ROOT } from '../../local/paths.ts';

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
  const child = spawn(process.execPath, [join(ROOT, 'client', 'bin', 'slipway.js'), ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      NO_COLOR: '1',
      SLIPWAY_URL: url,
      SLIPWAY_TOKEN: token,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (err += part));
  const [code]: (number | null)[] = await once(child, 'close');
  // The caller names the shape of what the command prints.
  return { code: code ?? null, out, err, json: <T>() => JSON.parse(out) as T };
}
