import Table from 'cli-table3';
import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import { COLORS_SHOW, pc } from './colors.ts';
import { jsonText, onlyColors, stripped, visibleWidth } from './visible.ts';

/** Where a command prints; taken as a value so that tests can read it. */
export interface Terminal {
  readonly json: boolean;
  /** Is somebody looking? Then progress moves in place. */
  readonly interactive: boolean;
  readonly colors: boolean;
  /** As wide as it is now: somebody may have resized it. */
  readonly columns: number;
  out(text: string): void;
  err(text: string): void;
}

export function terminalOf(process: NodeJS.Process, json: boolean): Terminal {
  return {
    json,
    interactive: process.stdout.isTTY === true && !json && process.env['TERM'] !== 'dumb',
    colors: COLORS_SHOW,
    get columns() {
      // A terminal that does not know its width says 0.
      return process.stdout.columns || 100;
    },
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(process.stderr.isTTY === true ? text : stripped(text)),
  };
}

/** One object as JSON, or what a person reads. */
export function show(terminal: Terminal, value: unknown, human: () => string): void {
  terminal.out(terminal.json ? `${jsonText(value)}\n` : `${readable(terminal, human())}\n`);
}

/** What others wrote may hold codes that steer a terminal; colours pass where they show. */
export const readable = (terminal: Terminal, text: string): string =>
  terminal.colors ? onlyColors(text) : stripped(text);

/** Why a deployment did not succeed, and what to do now. */
export function errorText(error: DeploymentError): string[] {
  const exit = error.exitCode === undefined ? '' : `, exit code ${error.exitCode}`;
  return [`${error.code} in ${error.stage}${exit}: ${error.message}`, error.suggestion];
}

type DeploymentError = NonNullable<DeploymentView['error']>;

/** What is known of one thing, a line each; what is not known is left out. */
export function facts(rows: readonly (readonly [string, string | undefined])[]): string {
  const known = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${pc.dim(name.padEnd(width))}  ${value}`).join('\n');
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

/** Narrower than this the last column says nothing. */
const LEAST_LAST = 12;

/**
 * Rows under headings, the most telling column first. On a terminal no row is wider than it is: the last column is
 * cut, and columns behind the right edge are left out. A cell is its first line.
 */
export function table(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = rows.map((row) => headings.map((_, i) => row[i]?.split('\n', 1)[0] ?? ''));
  const natural = headings.map((heading, i) =>
    Math.max(heading.length, ...cells.map((row) => visibleWidth(row[i] ?? ''))),
  );
  const widths = terminal.interactive ? fitting(natural, terminal.columns - 1) : natural;
  const made = new Table({
    head: headings.slice(0, widths.length).map((heading) => pc.dim(heading)),
    chars: PLAIN,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: widths,
    wordWrap: false,
  });
  for (const row of cells) made.push(row.slice(0, widths.length));
  return made.toString().replace(/ +$/gm, '');
}

/** As many of the widths as fit side by side; the last of all may be cut to what is left for it. */
function fitting(natural: readonly number[], columns: number): number[] {
  const widths: number[] = [];
  let left = columns;
  for (const [i, width] of natural.entries()) {
    const least = i === natural.length - 1 ? Math.min(width, LEAST_LAST) : width;
    if (i > 0 && least > left) break;
    widths.push(Math.min(width, Math.max(left, least)));
    left -= width + 2;
  }
  return widths;
}

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
