import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { heard } from './heard.ts';

/** A program in a real terminal (pty). */
export interface TerminalProcess {
  /** All that it wrote so far, control codes included. */
  output(): string;
  /** Resolves once its output holds this behind what `from` names; rejects where it ends before. */
  printed(text: string, from?: number): Promise<void>;
  resize(columns: number, rows: number): void;
  type(keys: string): void;
  readonly ended: Promise<number | null>;
  kill(): void;
}

export interface TerminalRun {
  readonly columns: number;
  readonly rows?: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export function inTerminal(
  command: readonly string[],
  { columns, rows = 24, env, cwd = '/' }: TerminalRun,
): TerminalProcess {
  const program = join(import.meta.dirname, 'in_terminal.py');
  const child = spawn('python3', [program, String(columns), String(rows), ...command], {
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { output, isOver, ended } = heard(child);
  const say = (line: string) => child.stdin.write(`${line}\n`);
  return {
    output,
    printed: async (wanted, from = 0) => {
      while (!output().includes(wanted, from)) {
        if (isOver()) throw new Error(`It ended without printing "${wanted}":\n${output()}`);
        await sleep(20);
      }
    },
    resize: (toColumns, toRows) => say(`resize ${toColumns} ${toRows}`),
    type: (keys) => say(`type ${JSON.stringify(keys)}`),
    ended,
    kill: () => child.kill(),
  };
}
