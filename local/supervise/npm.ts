import { setTimeout as sleep } from 'node:timers/promises';
import { isNpmScript } from '../environment.ts';
import { outputOf } from './output.ts';
import { isAlive } from './signals.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Resolves when the npm that started this program is gone. npm passes on what it is asked politely; where it is
 * killed, this program would go on behind the back of somebody who believes to have ended it.
 */
export async function untilNpmGone(): Promise<void> {
  const npm = await npmProcess();
  if (npm === undefined) return new Promise(() => {});
  while (isAlive(npm)) await sleep(LOOK_EVERY_MS, undefined, { ref: false });
}

/** npm itself, or behind the shell that it runs scripts with. */
async function npmProcess(): Promise<number | undefined> {
  if (!isNpmScript()) return undefined;
  const parent = await describe(process.ppid);
  if (parent === undefined) return undefined;
  return /\bnpm\b/.test(parent.command) && !/^\S*sh -c/.test(parent.command) ? process.ppid : parent.ppid;
}

async function describe(pid: number): Promise<{ ppid: number; command: string } | undefined> {
  const { stdout } = await outputOf('ps', ['-p', String(pid), '-o', 'ppid=,command='], { timeoutMs: 5_000 });
  const [, ppid, command] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
  if (ppid === undefined || command === undefined || Number(ppid) <= 1) return undefined;
  return { ppid: Number(ppid), command };
}
