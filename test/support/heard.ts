import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a program says, and how it ends. */
export interface Heard {
  /** All that it wrote so far, both streams in order. */
  output(): string;
  /** Looks again and again until there is something; rejects where the program ends before, with what it wrote. */
  until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T>;
  /** Resolves once its output holds this behind what `from` names; rejects where it ends before. */
  printed(text: string, from?: number): Promise<void>;
  /** Resolves with the exit code; rejects where it could not be started. */
  readonly ended: Promise<number | null>;
}

const LOOK_EVERY_MS = 20;

export function heard(child: ChildProcess): Heard {
  let text = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part) => (text += part));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    isOver = true;
    return code ?? null;
  });
  const until: Heard['until'] = async (what, look) => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (isOver) throw new Error(`It ended before ${what}:\n${text}`);
      await sleep(LOOK_EVERY_MS);
    }
  };
  return {
    output: () => text,
    until,
    printed: async (wanted, from = 0) => {
      await until(`it printed "${wanted}"`, () => (text.includes(wanted, from) ? true : undefined));
    },
    ended,
  };
}
