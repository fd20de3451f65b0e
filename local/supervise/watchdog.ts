/**
 * Ends the children of a parent that died without doing so itself (kill -9, crash, closed terminal).
 *
 * It runs in a session of its own and holds one end of a pipe; the parent holds the other. Each line that comes
 * through says which child began or ended. The end of the pipe means that the parent is gone: every child that
 * is left is asked to stop, so that the emulator still writes its state, and killed with its whole process group
 * when its grace is over. Files that are true only while the parent lives are removed.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endGroup } from './signals.ts';

/** One line of the pipe. */
export type Notice =
  | { readonly began: number; readonly graceMs: number }
  | { readonly ended: number }
  | { readonly discard: string };

const graceOf = new Map<number, number>();
const discarded: string[] = [];

function note(line: string): void {
  // Only children.ts writes to this pipe.
  const notice = JSON.parse(line) as Notice;
  if ('began' in notice) graceOf.set(notice.began, notice.graceMs);
  else if ('ended' in notice) graceOf.delete(notice.ended);
  else discarded.push(notice.discard);
}

// The terminal's Ctrl-C and hang-up are the parent's business; this process outlives it by design.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', note);
lines.on('close', async () => {
  for (const file of discarded) rmSync(file, { force: true });
  await Promise.all([...graceOf].map(([pid, graceMs]) => endGroup(pid, graceMs)));
});
