import type { LogLineView } from '../../../../shared/contracts/logs.ts';
import { pc } from '../colors.ts';
import { onlyColors, stripped } from '../visible.ts';

/** A line as people read it: step, then the message, which has the colour of its level unless it brings its own. */
export function formatLine(line: LogLineView, color: boolean): string {
  const step = stripped(line.step).padEnd(8);
  // What a build prints may steer the terminal: only colours get through, and only to one that shows them.
  if (!color) return `${step} ${stripped(line.message)}`;
  const message = onlyColors(line.message);
  const text = message.includes('\u001b') ? message : toned(line, message);
  return `${pc.dim(step)} ${MARKS[line.level]}${text}`;
}

const MARKS = { error: pc.red('✖ '), warn: pc.yellow('! '), info: '', debug: '' } as const;

function toned({ level, source }: LogLineView, message: string): string {
  if (level === 'error') return pc.red(message);
  if (level === 'warn') return pc.yellow(message);
  if (level === 'debug') return pc.dim(message);
  return source === 'system' ? pc.bold(message) : message;
}
