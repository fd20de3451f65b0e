import { AsyncLocalStorage } from 'node:async_hooks';
import type { Timeline } from './timeline.ts';

/** One run of a function, of a runner or of a person's program: what can die by itself. */
export interface Process {
  readonly label: string;
  dead: boolean;
  /** Things it waits for on the timeline; 0 while it computes. */
  waits: number;
}

export class Died extends Error {}

const storage = new AsyncLocalStorage<Process | undefined>();
const deaths = new WeakMap<Process, (reason: Error) => void>();

/** Whose code runs now; undefined: the cloud's own. */
export const current = (): Process | undefined => storage.getStore();

/** What a dead process waits for. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** Runs the work as a process of its own. Rejects with what it throws, or with Died. */
export function run<T>(timeline: Timeline, label: string, work: () => Promise<T>): Promise<T> {
  const process: Process = { label, dead: false, waits: 0 };
  return runAs(timeline, process, work);
}

export function runAs<T>(timeline: Timeline, process: Process, work: () => Promise<T>): Promise<T> {
  timeline.processes.add(process);
  const death = new Promise<never>((_, reject) => void deaths.set(process, reject));
  const done = storage.run(process, work);
  done.catch(() => undefined);
  return Promise.race([done, death]).finally(() => timeline.processes.delete(process));
}

/** Ends a process here and now: nothing of it goes on, and what it has sent stays sent. */
export function kill(timeline: Timeline, process: Process, reason = 'the process was killed'): void {
  if (process.dead) return;
  process.dead = true;
  timeline.processes.delete(process);
  deaths.get(process)?.(new Died(reason));
}

/** Waits on the timeline for the process that asks. A dead one never hears. */
export async function waiting<T>(work: () => Promise<T>): Promise<T> {
  const process = current();
  if (process === undefined) return work();
  if (process.dead) return never();
  process.waits += 1;
  try {
    return await work();
  } finally {
    process.waits -= 1;
    // Resumes nothing: whoever awaits this never goes on.
    if (process.dead) await never();
  }
}

/** Runs something that belongs to nobody, whoever set it going. */
export const asNobody = <T>(work: () => T): T => storage.run(undefined, work);
