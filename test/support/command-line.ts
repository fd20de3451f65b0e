import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../local/paths.ts';

export const BIN = join(ROOT, 'client/bin/slipway.js');

/** Runs the command line as a shell does, in a pipe; without a URL it knows no service. */
export async function commandLine(
  args: readonly string[],
  url?: string,
  more: Readonly<Record<string, string>> = {},
) {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...serviceAt(url), ...more };
  const child = spawn(process.execPath, [BIN, ...args], { env, cwd: '/' });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (err += part));
  const [code] = await once(child, 'close');
  return { code: Number(code), out, err };
}

/** What tells the command line where the service is. */
export const serviceAt = (url: string | undefined): Record<string, string> =>
  url === undefined ? {} : { SLIPWAY_URL: url, SLIPWAY_TOKEN: 'slp_test' };
