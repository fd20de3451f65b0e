import { createHash } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { AS_ROOT } from '../../runner/build-user.ts';
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
  const folder = runnerFolder();
  await rm(READY_FILE, { force: true });
  return children.start({
    name: 'the runner agent',
    program: process.execPath,
    args: [
      join(ROOT, 'runner', 'main.ts'),
      'agent',
      ...['--url', service.url],
      ...['--work-dir', folder, '--cache-dir', join(folder, 'npm-cache')],
      ...['--ready-file', READY_FILE],
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

const READY_FILE = join(HOME, 'runner-ready.json');
/** A busy machine may take a while to try out a user. */
const READY_MS = 60_000;
const ready = z.object({ buildUser: z.optional(z.string()), refused: z.optional(z.string()) });

/**
 * Where the agent works. Root's builds run as another user, who may not enter the folder where everything else is,
 * nor, often, the checkout.
 */
export function runnerFolder(): string {
  if (process.getuid?.() !== 0) return join(HOME, 'runner');
  const name = createHash('sha256').update(HOME).digest('hex').slice(0, 12);
  return join(tmpdir(), `slipway-runner-${name}`);
}

/** Removes what the agent keeps between runs, where that lies outside of the folder of everything else. */
export async function forgetRunner(): Promise<void> {
  if (process.getuid?.() === 0) await rm(runnerFolder(), { recursive: true, force: true });
}

/** Who builds, once the agent knows: a sentence for root, who has to know; nothing for others. */
export async function sayWhoBuilds(agent: Child, say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const end = Date.now() + READY_MS; Date.now() < end && agent.exit() === undefined; await sleep(50)) {
    const text = await readFile(READY_FILE, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { buildUser, refused } = ready.parse(JSON.parse(text));
    if (buildUser !== undefined) say(`You are root; what builds here runs as ${buildUser}.\n`);
    else say(`YOU ARE ROOT, AND SO IS WHAT BUILDS HERE: ${AS_ROOT} ${refused ?? ''}\n`);
    return;
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
