import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod/mini';
import { LOG_LEVELS, LOG_SOURCES, type LogLevel, type LogLine, type LogSource } from '../domain/log.ts';

/**
 * The lines of a chunk as columns, compressed together: like stands beside like, which halves the size against
 * a line at a time. First a line of JSON with the columns that are not text, then one message a line.
 * Raw deflate rather than gzip: the chain's hash already proves the bytes, and gzip's frame would be
 * 18 of the about 1,000 bytes of a chunk.
 */
const columns = z.strictObject({
  /** Milliseconds since the line before; the first is absolute. */
  t: z.array(z.number()),
  /** First letter of each level. */
  l: z.string(),
  /** Runs: step, how many lines, step, how many lines... */
  s: z.array(z.union([z.string(), z.number()])),
  o: z.array(z.union([z.string(), z.number()])),
});

const LETTER: Readonly<Record<LogLevel, string>> = { debug: 'd', info: 'i', warn: 'w', error: 'e' };
const LEVEL = new Map(LOG_LEVELS.map((level) => [LETTER[level], level]));
const SOURCES: ReadonlySet<string> = new Set(LOG_SOURCES);

export function encodeLines(lines: readonly LogLine[]): Uint8Array {
  const head = {
    t: lines.map((line, i) => line.at - (lines[i - 1]?.at ?? 0)),
    l: lines.map((line) => LETTER[line.level]).join(''),
    s: toRuns(lines.map((line) => line.step)),
    o: toRuns(lines.map((line) => line.source)),
  };
  const messages = lines.map((line) => escapeMessage(line.message));
  return deflateRawSync([JSON.stringify(head), ...messages].join('\n'), { level: 9 });
}

/** `first` is the number of the first line. */
export function decodeLines(data: Uint8Array, first: number): LogLine[] {
  const [head, ...messages] = inflateRawSync(data).toString('utf8').split('\n');
  const { t, l, s, o } = columns.parse(JSON.parse(head ?? ''));
  const steps = fromRuns(s);
  const sources = fromRuns(o);
  let at = 0;
  return messages.map((message, i) => {
    at += t[i] ?? 0;
    return {
      n: first + i,
      at,
      level: LEVEL.get(l.charAt(i)) ?? 'info',
      step: steps[i] ?? '',
      source: sourceOf(sources[i]),
      message: unescapeMessage(message),
    };
  });
}

function sourceOf(text: string | undefined): LogSource {
  // The set holds exactly the members of the union.
  return text !== undefined && SOURCES.has(text) ? (text as LogSource) : 'system';
}

function toRuns(values: readonly string[]): (string | number)[] {
  const runs: (string | number)[] = [];
  for (let start = 0, i = 1; i <= values.length; i += 1) {
    const value = values[start];
    if (value === undefined || values[i] === value) continue;
    runs.push(value, i - start);
    start = i;
  }
  return runs;
}

function fromRuns(runs: readonly (string | number)[]): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < runs.length; i += 2) {
    for (let count = Number(runs[i + 1]); count > 0; count -= 1) values.push(String(runs[i]));
  }
  return values;
}

// A message may hold a line feed (lines of the service itself); in the stored form it must not.
const escapeMessage = (message: string) =>
  /[\\\n]/.test(message) ? message.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\')) : message;
const unescapeMessage = (text: string) =>
  text.includes('\\') ? text.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char)) : text;
