import { readFileSync } from 'node:fs';
import type { NewLine } from '../../shared/domain/log.ts';

export type Corpus = 'npm-build.log' | 'npm-install-http.log';

/** The lines of a recorded build (test/corpus/README.md) with the times at which they came. */
export function corpusLines(name: Corpus): NewLine[] {
  const text = readFileSync(new URL(`../corpus/${name}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const tab = line.indexOf('\t');
      return {
        at: Number(line.slice(0, tab)),
        level: 'info',
        step: 'build',
        source: 'build',
        message: line.slice(tab + 1),
      };
    });
}

/** Batches as an unwatched runner sends them: after five seconds or 64 KB, whichever is first. */
export function unwatchedFlushes(lines: readonly NewLine[]): NewLine[][] {
  const flushes: NewLine[][] = [];
  let flush: NewLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    const first = flush[0];
    if (first !== undefined && (line.at - first.at >= 5000 || bytes >= 64 * 1024)) {
      flushes.push(flush);
      flush = [];
      bytes = 0;
    }
    flush.push(line);
    bytes += Buffer.byteLength(line.message);
  }
  return flush.length === 0 ? flushes : [...flushes, flush];
}
