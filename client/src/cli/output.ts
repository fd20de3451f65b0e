import Table from 'cli-table3';
import pc from 'picocolors';
import { onlyColors } from './visible.ts';

/** Where a command prints; taken as a value so that tests can read it. */
export interface Terminal {
  readonly json: boolean;
  /** Is somebody looking? Then progress moves in place. */
  readonly interactive: boolean;
  readonly columns: number;
  out(text: string): void;
  err(text: string): void;
}

export function terminalOf(process: NodeJS.Process, json: boolean): Terminal {
  return {
    json,
    interactive: process.stdout.isTTY === true && !json && process.env['TERM'] !== 'dumb',
    columns: process.stdout.columns ?? 100,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  };
}

/** One object as JSON, or what a person reads. */
export function show(terminal: Terminal, value: unknown, human: () => string): void {
  terminal.out(terminal.json ? `${JSON.stringify(value)}\n` : `${onlyColors(human())}\n`);
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Rows under headings, cut to the terminal's width in the last column. */
export function table(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...rows.map((row) => visible(row[i] ?? ''))),
  );
  const last = widths.length - 1;
  const others = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  if (terminal.interactive)
    widths[last] = Math.max(8, Math.min(widths[last] ?? 8, terminal.columns - others - 1));
  const made = new Table({
    head: headings.map((heading) => pc.dim(heading)),
    chars: PLAIN,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: widths,
    wordWrap: false,
  });
  for (const row of rows) made.push([...row]);
  return made.toString();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character.
const visible = (text: string) => text.replace(/\u001b\[[0-9;]*m/g, '').length;

export const ago = (iso: string, now: number): string => {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
};

export const duration = (seconds: number): string =>
  seconds < 60
    ? `${Math.round(seconds)}s`
    : `${Math.floor(seconds / 60)}m${String(Math.round(seconds % 60)).padStart(2, '0')}s`;

/** A status in the colour that says how it is. */
export function colored(status: string): string {
  switch (status) {
    case 'succeeded':
    case 'active':
      return pc.green(status);
    case 'failed':
    case 'timeout':
      return pc.red(status);
    case 'canceled':
    case 'canceling':
      return pc.yellow(status);
    default:
      return pc.cyan(status);
  }
}
