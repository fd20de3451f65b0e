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
