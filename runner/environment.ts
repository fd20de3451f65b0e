import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The one file of runner/ that reads the process's environment. */

/** Fallbacks for options that are better not in argv, where every user of the machine can read them. */
export const fromEnvironment = {
  url: () => given('SLIPWAY_URL'),
  token: () => given('SLIPWAY_RUNNER_TOKEN'),
  jobKey: () => given('SLIPWAY_JOB_KEY'),
  ticket: () => given('SLIPWAY_TICKET'),
};

/** Search path of this process, which builds get as well. */
export function searchPath(): string {
  return given('PATH') ?? '/usr/local/bin:/usr/bin:/bin';
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
