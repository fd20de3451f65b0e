import { LOG_LEVELS, type LogLevel, type LogLine, type LogSource } from './log.ts';
import { withoutTerminalCodes } from './terminal-codes.ts';

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

export const summaryOf = (lines: readonly LogLine[]) =>
  ({
    count: lines.length,
    levels: distinct(lines.map((line) => line.level)),
    sources: distinct(lines.map((line) => line.source)),
    steps: distinct(lines.map((line) => line.step)),
    until: lines.reduce((latest, line) => Math.max(latest, line.at), 0),
  }) satisfies LinesSummary;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

const atLeast = (level: LogLevel, wanted: LogLevel) =>
  LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(wanted);

/** Does the message hold the text, whatever its case and colours? */
export const holds = (message: string, text: string): boolean =>
  withoutTerminalCodes(message).toLowerCase().includes(text.toLowerCase());

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
