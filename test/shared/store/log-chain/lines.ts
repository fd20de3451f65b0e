import fc from 'fast-check';
import { LOG_LEVELS, LOG_SOURCES, type LogLine, type NewLine } from '../../../../shared/domain/log.ts';

export const DEPLOYMENT = 'dep_01JHN0000000000000000000AA';

const START = Date.UTC(2025, 0, 15, 12);

/** Lines whose messages say which they are: `build 0`, `build 1`... */
export function numbered(from: number, to: number, word = 'build'): NewLine[] {
  return Array.from({ length: to - from }, (_, i) => ({
    at: START + from + i,
    level: 'info',
    step: 'build',
    source: 'build',
    message: `${word} ${from + i}`,
  }));
}

export const messages = (lines: readonly { readonly message: string }[]) => lines.map((line) => line.message);

/** Anything a process may print as one line, nasty characters included. */
export const anyLine = fc.record<NewLine>({
  at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  level: fc.constantFrom(...LOG_LEVELS),
  step: fc.constantFrom('clone', 'install', 'build', ''),
  source: fc.constantFrom(...LOG_SOURCES),
  message: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({
      unit: fc.constantFrom('\\', '\n', 'n', '\r', '\u001b[31m', '\u0000', 'ä', '💥'),
      maxLength: 20,
    }),
  ),
});

export const withNumbers = (lines: readonly NewLine[], first = 1): LogLine[] =>
  lines.map((line, i) => ({ ...line, n: first + i }));
