import { LOG_LEVELS, type LogLevel, type LogLine, type LogSource } from './log.ts';

/** What a reader wants to see of a log; absent parts mean everything. */
export interface LineFilter {
  /** This level and what is more severe. */
  readonly level?: LogLevel | undefined;
  readonly step?: string | undefined;
  readonly source?: LogSource | undefined;
  /** Lines of this moment (ms) and later. */
  readonly since?: number | undefined;
  /** Plain text that the message holds, whatever its case and colours. */
  readonly search?: string | undefined;
}

/** What is known of a chunk without unpacking it. */
export interface LinesSummary {
  readonly count: number;
  readonly levels: readonly LogLevel[];
  readonly sources: readonly LogSource[];
  readonly steps: readonly string[];
  /** Latest time of its lines, ms. */
  readonly until: number;
}

const atLeast = (level: LogLevel, wanted: LogLevel) =>
  LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(wanted);

/** Terminal codes: colours and other CSI sequences, window titles and other OSC strings, single-character escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const TERMINAL_CODES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_=>])/g;

/** The message as it reads on a terminal that shows no colours. */
export const withoutTerminalCodes = (message: string): string =>
  message.includes('\u001b') ? message.replace(TERMINAL_CODES, '') : message;

/** Does the message hold the text, whatever its case and colours? */
export const holds = (message: string, text: string): boolean =>
  withoutTerminalCodes(message).toLowerCase().includes(text.toLowerCase());

/** Where they stand. */
export const terminalCodesIn = (message: string): readonly { index: number; length: number }[] =>
  message.includes('\u001b')
    ? Array.from(message.matchAll(TERMINAL_CODES), ({ index, 0: code }) => ({ index, length: code.length }))
    : [];

/** Does the line pass? Linear in its length. */
export function matches(filter: LineFilter, line: LogLine): boolean {
  const { level, step, source, since, search } = filter;
  if (level !== undefined && !atLeast(line.level, level)) return false;
  if (step !== undefined && line.step !== step) return false;
  if (source !== undefined && line.source !== source) return false;
  if (since !== undefined && line.at < since) return false;
  // What was purged is not found, and what stands in its place is not what was looked for.
  return search === undefined || (line.digest === undefined && holds(line.message, search));
}

/** False where no line of the chunk can pass, so that it need not be unpacked. */
export function mayMatch(filter: LineFilter, chunk: LinesSummary): boolean {
  const { level, step, source, since } = filter;
  if (chunk.count === 0) return false;
  if (level !== undefined && !chunk.levels.some((found) => atLeast(found, level))) return false;
  if (step !== undefined && !chunk.steps.includes(step)) return false;
  if (source !== undefined && !chunk.sources.includes(source)) return false;
  return since === undefined || chunk.until >= since;
}
