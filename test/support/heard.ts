import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What a program says, and how it ends. */
export interface Heard {
  /** All that it wrote so far, both streams in order. */
  output(): string;
  isOver(): boolean;
  /** Resolves with the exit code; rejects where it could not be started. */
  readonly ended: Promise<number | null>;
}

export function heard(child: ChildProcess): Heard {
  let text = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part) => (text += part));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    isOver = true;
    return code ?? null;
  });
  return { output: () => text, isOver: () => isOver, ended };
}
