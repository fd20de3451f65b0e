import type { LogLineView } from '../../../../shared/contracts/logs.ts';
import { hitsIn } from '../../../../shared/domain/log-hits.ts';
import { oneLine } from '../../../../shared/domain/log-text.ts';
import { pc } from '../colors.ts';
import { onlyColors, stripped } from '../visible.ts';

/**
 * A line as people read it: step, then the message, which has the colour of its level unless it brings its own. What
 * was searched for stands out. What would end the line, and let a message be taken for two lines, is shown by its picture.
 */
export function formatLine(line: LogLineView, color: boolean, search?: string): string {
  return oneLine(formatted(line, color, search));
}

function formatted(line: LogLineView, color: boolean, search: string | undefined): string {
  const step = stripped(line.step).padEnd(8);
  // What a build prints may steer the terminal: only colours get through, and only to one that shows them.
  if (!color) return `${step} ${stripped(line.message)}`;
  const message = onlyColors(search === undefined ? line.message : marked(line.message, search));
  const text = line.message.includes('\u001b') ? message : toned(line, message);
  return `${pc.dim(step)} ${MARKS[line.level]}${text}`;
}

function marked(message: string, search: string): string {
  let [text, at] = ['', 0];
  for (const { from, to } of hitsIn(message, search)) {
    text += `${message.slice(at, from)}${pc.inverse(message.slice(from, to))}`;
    at = to;
  }
  return text + message.slice(at);
}

const MARKS = { error: pc.red('✖ '), warn: pc.yellow('! '), info: '', debug: '' } as const;

function toned({ level, source }: LogLineView, message: string): string {
  if (level === 'error') return pc.red(message);
  if (level === 'warn') return pc.yellow(message);
  if (level === 'debug') return pc.dim(message);
  return source === 'system' ? pc.bold(message) : message;
}
