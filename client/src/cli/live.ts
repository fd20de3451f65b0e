import pc from 'picocolors';
import type { LogLineView } from '../../../shared/contracts/logs.ts';
import type { StatusUpdate } from '../realtime/feed.ts';
import { colored, duration, type Terminal } from './output.ts';
import { onlyColors, stripped } from './visible.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const BAR = 20;

/** Shows what happens to a deployment: lines scroll, one status line stays below them. */
export interface LiveView {
  line(line: LogLineView): void;
  status(status: StatusUpdate): void;
  /** Takes the status line away. */
  end(): void;
}

export function liveView(terminal: Terminal, now: () => number): LiveView {
  if (terminal.json) return jsonView(terminal);
  return terminal.interactive ? movingView(terminal, now) : plainView(terminal);
}

function jsonView(terminal: Terminal): LiveView {
  const print = (value: unknown) => terminal.out(`${JSON.stringify(value)}\n`);
  return {
    line: (line) => print({ type: 'log', ...line }),
    status: (status) => print({ type: 'status', ...status }),
    end: () => {},
  };
}

/** In a pipe: lines as they are, and a line for each change of stage. */
function plainView(terminal: Terminal): LiveView {
  let shown = '';
  return {
    line: (line) => terminal.out(`${formatLine(line, false)}\n`),
    status: (status) => {
      const text = `${status.status} (${status.stage}, ${status.progress} %)`;
      if (text === shown) return;
      shown = text;
      terminal.out(`== ${text}\n`);
    },
    end: () => {},
  };
}

function movingView(terminal: Terminal, now: () => number): LiveView {
  const startedAt = now();
  let latest: StatusUpdate | undefined;
  let frame = 0;
  const clear = () => terminal.out('\r\u001b[2K');
  const draw = () => {
    if (latest === undefined) return;
    const spinner = pc.cyan(SPINNER[frame % SPINNER.length] ?? '');
    const filled = Math.round((latest.progress / 100) * BAR);
    const bar = `${'█'.repeat(filled)}${pc.dim('░'.repeat(BAR - filled))}`;
    const elapsed = duration((now() - startedAt) / 1000);
    terminal.out(
      `\r\u001b[2K${spinner} ${bar} ${latest.progress}% ${colored(latest.status)} ${pc.dim(`${latest.stage} · ${elapsed}`)}`,
    );
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, FRAME_MS);
  return {
    line: (line) => {
      clear();
      terminal.out(`${formatLine(line, true)}\n`);
      draw();
    },
    status: (status) => {
      latest = status;
      draw();
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** A line as people read it: step, then the message; warnings and errors stand out. */
export function formatLine(line: LogLineView, color: boolean): string {
  const step = stripped(line.step).padEnd(8);
  // What a build prints may steer the terminal: only colours get through, and only to one that shows them.
  const message = color ? onlyColors(line.message) : stripped(line.message);
  if (!color) return `${step} ${message}`;
  const mark = line.level === 'error' ? pc.red('✖ ') : line.level === 'warn' ? pc.yellow('! ') : '';
  const text = line.source === 'system' ? pc.bold(message) : message;
  return `${pc.dim(step)} ${mark}${text}`;
}
