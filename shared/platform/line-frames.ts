import type { LogLine } from '../domain/log.ts';
import { type LineFilter, matches } from '../domain/log-filter.ts';
import { type LineRange, logFrames } from './frames.ts';

/** The frames that show lines of a log, for each filter; viewers with the same filter share them. */
export function framesByFilter(
  deploymentId: string,
  lines: readonly LogLine[],
  range: LineRange,
  now: number,
): (filter: LineFilter) => readonly string[] {
  const made = new Map<string, readonly string[]>();
  return (filter) => {
    const key = JSON.stringify(filter);
    const found = made.get(key);
    if (found !== undefined) return found;
    const wanted = lines.filter((line) => matches(filter, line));
    const frames = logFrames(deploymentId, wanted, range, now);
    made.set(key, frames);
    return frames;
  };
}

/** Lines without a gap between them. */
export interface Stretch {
  readonly range: LineRange;
  readonly lines: readonly LogLine[];
}

/**
 * A batch that took several chunks may have lines of others between its own, which its frames must not speak for:
 * whoever has a filter would take them for lines that did not pass.
 */
export function stretchesOf(lines: readonly LogLine[]): Stretch[] {
  const stretches: { range: { first: number; last: number }; lines: LogLine[] }[] = [];
  for (const line of lines) {
    const open = stretches.at(-1);
    if (open !== undefined && line.n === open.range.last + 1) {
      open.lines.push(line);
      open.range.last = line.n;
    } else stretches.push({ range: { first: line.n, last: line.n }, lines: [line] });
  }
  return stretches;
}
