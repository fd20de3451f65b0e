import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { networkVariables } from '../environment.ts';
import { HOME, ROOT } from '../paths.ts';
import type { Child, Children } from '../supervise/children.ts';

/** The runner kills its job and reports it lost within this time when it is asked to stop. */
const GRACE_MS = 10_000;

export interface AgentAddress {
  readonly url: string;
  /** Of a runner, made for this one. */
  readonly token: string;
}

/** Starts the agent that clones and builds on this machine; it may clone over plain HTTP and from folders. */
export async function startAgent(service: AgentAddress, children: Children): Promise<Child> {
  const npmrc = join(homedir(), '.npmrc');
  return children.start({
    name: 'the runner agent',
    program: process.execPath,
    args: [
      join(ROOT, 'runner', 'main.ts'),
      'agent',
      ...['--url', service.url],
      ...['--work-dir', join(HOME, 'runner'), '--cache-dir', join(HOME, 'npm-cache')],
      ...['--allow-schemes', 'http,git,file'],
      ...['--pass-env', networkVariables().join(',')],
      ...((await exists(npmrc)) ? ['--npmrc', npmrc] : []),
    ],
    // Not an argument: every user of the machine can read those.
    env: { SLIPWAY_RUNNER_TOKEN: service.token },
    logFile: join(HOME, 'logs', 'runner.log'),
    graceMs: GRACE_MS,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
