import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../failure.ts';

/** What has to be undone when npm start ends, whichever way it ends. */
export interface Endings {
  add(name: string, end: () => Promise<void>): void;
  /** Runs them once, the newest first; one that fails or hangs keeps no other from running. */
  run(): Promise<void>;
}

export function createEndings(say: (line: string) => void): Endings {
  const endings: { name: string; end: () => Promise<void> }[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    for (let last = endings.pop(); last !== undefined; last = endings.pop()) {
      const { name, end } = last;
      await within(ENDING_MS, end()).catch((error) => say(`Could not end ${name}: ${reasonOf(error)}`));
    }
  }

  return {
    add: (name, end) => endings.push({ name, end }),
    run: () => {
      running ??= runAll();
      return running;
    },
  };
}

/** More than the longest grace that a child has. */
const ENDING_MS = 30_000;

async function within(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`it was not done after ${ms / 1000} s`);
  });
  late.catch(() => {});
  try {
    await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
