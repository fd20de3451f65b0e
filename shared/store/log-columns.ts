import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { LOG_LEVELS, LOG_SOURCES, type LogLine } from '../domain/log.ts';
import { PURGED_MESSAGE } from '../domain/log-purge.ts';
import { ByteReader, ByteWriter } from './log-bytes.ts';

/**
 * The lines of a chunk as columns, compressed together: like stands beside like, which halves the size against a line
 * at a time. First the columns that are not text, then one message a line. Brotli at a middling quality: as quick as
 * deflate at its best and 8 to 40 % smaller; what a quality of 11 saves besides costs a hundred times the time
 * (docs/decisions/logs-as-a-chain.md).
 */
const BROTLI = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 7,
    [constants.BROTLI_PARAM_LGWIN]: 18,
  },
};

export function encodeLines(lines: readonly LogLine[]): Uint8Array {
  const head = new ByteWriter().number(lines.length);
  for (const [i, line] of lines.entries()) head.signed(line.at - (lines[i - 1]?.at ?? 0));
  runs(
    head,
    lines.map((line) => LOG_LEVELS.indexOf(line.level)),
    (level) => head.number(level),
  );
  runs(
    head,
    lines.map((line) => LOG_SOURCES.indexOf(line.source)),
    (source) => head.number(source),
  );
  runs(
    head,
    lines.map((line) => line.step),
    (step) => head.text(step),
  );
  const purged = lines.flatMap(({ digest }, i) => (digest === undefined ? [] : [{ i, digest }]));
  head.number(purged.length);
  for (const { i, digest } of purged) head.number(i).raw(Buffer.from(digest, 'hex'));
  const messages = lines.map((line) => (line.digest === undefined ? escapeMessage(line.message) : ''));
  return brotliCompressSync(Buffer.concat([head.done(), Buffer.from(messages.join('\n'))]), BROTLI);
}

/** `first` is the number of the first line. */
export function decodeLines(data: Uint8Array, first: number): LogLine[] {
  const bytes = new ByteReader(brotliDecompressSync(data));
  const count = bytes.number();
  let at = 0;
  const times = Array.from({ length: count }, () => {
    at += bytes.signed();
    return at;
  });
  const levels = fromRuns(bytes, count, () => LOG_LEVELS[bytes.number()] ?? 'info');
  const sources = fromRuns(bytes, count, () => LOG_SOURCES[bytes.number()] ?? 'system');
  const steps = fromRuns(bytes, count, () => bytes.text());
  const digests = new Map<number, string>();
  for (let left = bytes.number(); left > 0; left -= 1) digests.set(bytes.number(), hexOf(bytes.raw(32)));
  const messages = Buffer.from(bytes.rest()).toString('utf8').split('\n');
  return times.map((time, i) => {
    const digest = digests.get(i);
    return {
      n: first + i,
      at: time,
      level: levels[i] ?? 'info',
      step: steps[i] ?? '',
      source: sources[i] ?? 'system',
      ...(digest === undefined
        ? { message: unescapeMessage(messages[i] ?? '') }
        : { message: PURGED_MESSAGE, digest }),
    };
  });
}

/** How many lines in a row have the value, then the value, until all lines have one. */
function runs<T>(head: ByteWriter, values: readonly T[], write: (value: T) => void): void {
  let start = 0;
  for (const [i, value] of values.entries()) {
    if (i + 1 < values.length && values[i + 1] === value) continue;
    head.number(i + 1 - start);
    write(value);
    start = i + 1;
  }
}

function fromRuns<T>(bytes: ByteReader, count: number, read: () => T): T[] {
  const values: T[] = [];
  while (values.length < count) {
    const length = bytes.number();
    const value = read();
    for (let left = length; left > 0; left -= 1) values.push(value);
  }
  return values;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// A message may hold a line feed (lines of the service itself); in the stored form it must not.
export const escapeMessage = (message: string) =>
  /[\\\n]/.test(message) ? message.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\')) : message;
export const unescapeMessage = (text: string) =>
  text.includes('\\') ? text.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char)) : text;
