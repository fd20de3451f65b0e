import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of this id exists (as ours or somebody else's). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isNodeError(error) && error.code === 'EPERM';
  }
}

/** Sends a signal to one process, or with a negative id to a group; says whether there was one to get it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks the leader of a process group to stop, waits at most `graceMs` for it, then kills what is left of the
 * group. Only the leader is asked: the emulator needs the workers of its Lambdas until it has stopped.
 */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  const pollMs = 25;
  if (signal(leader, 'SIGTERM')) {
    for (let waited = 0; waited < graceMs && isAlive(leader); waited += pollMs) await sleep(pollMs);
  }
  signal(-leader, 'SIGKILL');
}

export function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
