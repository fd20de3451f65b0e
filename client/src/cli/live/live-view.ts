import type { Terminal } from '../output.ts';
import { jsonText } from '../visible.ts';
import { formatLine } from './line.ts';
import { movingView } from './moving.ts';
import type { LiveView } from './view.ts';

/** `search`: what stands out in the lines, on a terminal. */
export function liveView(terminal: Terminal, now: () => number, search?: string): LiveView {
  if (terminal.json) return jsonView(terminal);
  return terminal.interactive ? movingView(terminal, now, search) : plainView(terminal);
}

function jsonView(terminal: Terminal): LiveView {
  const print = (value: unknown) => terminal.out(`${jsonText(value)}\n`);
  return {
    line: (line) => print({ type: 'log', ...line }),
    status: (status) => print({ type: 'status', ...status }),
    look: () => {},
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
    look: () => {},
    end: () => {},
  };
}
