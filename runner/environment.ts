import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The one file of runner/ that reads the process's environment. */

/** Fallbacks for options: secrets that are better not in argv, and what a CodeBuild project sets for all its builds. */
export const fromEnvironment = {
  url: () => given('SLIPWAY_URL'),
  token: () => given('SLIPWAY_RUNNER_TOKEN'),
  jobKey: () => given('SLIPWAY_JOB_KEY'),
  ticket: () => given('SLIPWAY_TICKET'),
  passEnv: () => given('SLIPWAY_PASS_ENV'),
};

/** What npm puts into the path of a script: programs of the project that started the runner, not of the machine. */
const ADDED_BY_NPM = /(?:node_modules\/\.bin|node-gyp-bin)\/?$/;

/** Search path of the machine, which builds get as well. */
export function searchPath(): string {
  const folders = (given('PATH') ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  return folders.filter((folder) => !ADDED_BY_NPM.test(folder)).join(delimiter);
}

/** The named variables that exist, for settings of the machine that builds need: proxies, registries. */
export function passedEnvironment(names: readonly string[]): Record<string, string> {
  const pairs = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** One folder per user of the machine, so that users do not meet in it; found again after a restart. */
export function agentWorkDir(): string {
  return join(tmpdir(), `slipway-runner-${process.getuid?.() ?? 'user'}`);
}

/** A folder of its own for one job, which may run next to others. */
export function onceWorkDir(): string {
  return `${agentWorkDir()}-${process.pid}`;
}

function given(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}
