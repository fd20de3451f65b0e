import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../local/paths.ts';

export const BIN = join(ROOT, 'client/bin/slipway.js');

/** Runs the command line to its end as a shell does: in a pipe, with nothing to read, nobody's home, and `env`. */
export async function ran(args: readonly string[], env: Readonly<Record<string, string>>, cwd = ROOT) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (err += part));
  const [code]: (number | null)[] = await once(child, 'close');
  return { code: code ?? null, out, err };
}

/** The same from where no settings are found; without a URL it knows no service. */
export const commandLine = (
  args: readonly string[],
  url?: string,
  more: Readonly<Record<string, string>> = {},
) => ran(args, { ...serviceAt(url), ...more }, '/');

/** What tells the command line where the service is. */
export const serviceAt = (url: string | undefined): Record<string, string> =>
  url === undefined ? {} : { SLIPWAY_URL: url, SLIPWAY_TOKEN: 'slp_test' };
