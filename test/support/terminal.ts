import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Heard, heard } from './heard.ts';

/** A program in a real terminal (pty); what it wrote has its control codes. */
export interface TerminalProcess extends Omit<Heard, 'until'> {
  resize(columns: number, rows: number): void;
  type(keys: string): void;
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
  const { output, printed, ended } = heard(child);
  const say = (line: string) => child.stdin.write(`${line}\n`);
  return {
    output,
    printed,
    resize: (toColumns, toRows) => say(`resize ${toColumns} ${toRows}`),
    type: (keys) => say(`type ${JSON.stringify(keys)}`),
    ended,
    kill: () => child.kill(),
  };
}
