import type { Clock } from '../../shared/platform/clock.ts';
import { findProcesses, type JobProcesses } from './find.ts';

/** How long a build may tidy up between TERM and KILL. */
export const KILL_GRACE_MS = 2_000;
const POLL_MS = 50;
/** KILL cannot be refused; a process that is still there after this hangs in the kernel. */
const DEATH_MS = 2_000;

/** Ends everything that belongs to a job: TERM, two seconds, KILL. Resolves when nothing is left to wait for. */
export async function killProcesses(job: JobProcesses, clock: Clock, graceMs = KILL_GRACE_MS): Promise<void> {
  signalAll(job, 'SIGTERM');
  if (await gone(job, clock, graceMs)) return;
  const giveUpAt = clock.now() + DEATH_MS;
  do {
    // Again and again, since a process may fork between the look and the signal.
    signalAll(job, 'SIGKILL');
  } while (!(await gone(job, clock, POLL_MS)) && clock.now() < giveUpAt);
}

/** Kills at once, for a caller that is about to end itself. */
export function killNow(job: JobProcesses): void {
  signalAll(job, 'SIGKILL');
}

function signalAll(job: JobProcesses, name: NodeJS.Signals): void {
  if (job.group !== undefined) send(-job.group, name);
  for (const { pid, group } of findProcesses(job)) if (group !== job.group) send(pid, name);
}

async function gone(job: JobProcesses, clock: Clock, waitMs: number): Promise<boolean> {
  const until = clock.now() + waitMs;
  while (anyAlive(job)) {
    if (clock.now() >= until) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}

/** Whether anything of a job still runs; without /proc only its process group can be asked. */
export function anyAlive(job: JobProcesses): boolean {
  if (process.platform === 'linux') return findProcesses(job).length > 0;
  return job.group !== undefined && send(-job.group, 0);
}

function send(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
