import { readdirSync, readFileSync } from 'node:fs';
import { inject } from 'vitest';
import { readMarker } from '../../local/emulator/marker.ts';

/**
 * Process ids of those in which the emulator of the shared stack runs a function, idle ones too: its own children that
 * run the function's code, so never anything of another emulator.
 */
export async function workersOf(fn: 'Steps' | 'Targets'): Promise<number[]> {
  const emulator = await readMarker(inject('stack').dir);
  if (emulator === undefined) throw new Error('The shared stack has no emulator of its own.');
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      const [program = '', parent] = facts(pid);
      return parent === emulator.pid && program.includes(`-Slipway-Service-${fn}Function`);
    });
}

/**
 * Sends a signal to all of a function. SIGKILL: it dies as when its machine breaks, in the middle of whatever it does;
 * SIGSTOP: it stands still there until SIGCONT.
 */
export async function signalWorkers(
  fn: Parameters<typeof workersOf>[0],
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
): Promise<void> {
  for (const pid of await workersOf(fn)) process.kill(pid, signal);
}

/** What a process runs, and its parent; nothing of one that is gone. */
function facts(pid: number): readonly [program: string, parent: number] | readonly [] {
  if (!Number.isInteger(pid)) return [];
  try {
    const program = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold anything, spaces and brackets included.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [program, Number(parent)];
  } catch {
    return [];
  }
}
