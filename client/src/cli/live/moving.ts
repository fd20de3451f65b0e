import type { StatusUpdate } from '../../realtime/feed.ts';
import type { Terminal } from '../output.ts';
import { visibleWidth } from '../visible.ts';
import { formatLine } from './line.ts';
import { panelRows, type Standing } from './panel.ts';
import type { LiveView, Look } from './view.ts';

const FRAME_MS = 100;
/** What is wider than it was counted (some letters take two columns) is cut off by the terminal instead of wrapped. */
const [NO_WRAP, WRAP] = ['\u001b[?7l', '\u001b[?7h'];

/**
 * Lines scroll above a panel that is drawn anew in place. Whatever changes goes out in one write, so that nothing
 * flickers and a burst of lines costs one drawing.
 */
export function movingView(terminal: Terminal, now: () => number, search?: string): LiveView {
  const startedAt = now();
  let standing: Standing | undefined;
  let lookedAt = startedAt;
  let lines: string[] = [];
  let drawn: string[] = [];
  let soon: NodeJS.Immediate | undefined;

  const draw = (rows: (columns: number) => string[]) => {
    soon = undefined;
    if (standing === undefined && lines.length === 0) return;
    const scrolled = lines.map((line) => `${line}\n`).join('');
    lines = [];
    // The last column stays free: what reaches it makes some terminals begin a new row.
    const columns = Math.max(1, terminal.columns - 1);
    const cleared = cleanSlate(drawn, terminal.columns);
    drawn = rows(columns);
    const panel = drawn.length === 0 ? '' : `${NO_WRAP}${drawn.join('\n')}${WRAP}`;
    terminal.out(`${cleared}${scrolled}${panel}`);
  };
  const present = (columns: number) => {
    if (standing === undefined) return [];
    const moment = now();
    const seconds = { lookAge: (moment - lookedAt) / 1000, watched: (moment - startedAt) / 1000 };
    return panelRows({ ...standing, ...seconds }, columns);
  };
  const drawSoon = () => {
    soon ??= setImmediate(() => draw(present));
  };
  const know = (news: { status: StatusUpdate } | { look: Look }) => {
    if ('look' in news) lookedAt = now();
    const status = 'status' in news ? news.status : (standing?.status ?? statusOf(news.look));
    standing = { frame: 0, lookAge: 0, watched: 0, ...standing, ...news, status };
    drawSoon();
  };
  const timer = setInterval(() => {
    if (standing !== undefined) standing = { ...standing, frame: standing.frame + 1 };
    draw(present);
  }, FRAME_MS);

  return {
    line: (line) => {
      lines.push(formatLine(line, terminal.colors, search));
      drawSoon();
    },
    status: (status) => know({ status }),
    look: (look) => know({ look }),
    end: () => {
      clearInterval(timer);
      clearImmediate(soon);
      draw(() => []);
    },
  };
}

/** Back to the first of these rows, with everything from there on wiped. A terminal made narrower has wrapped them. */
function cleanSlate(rows: readonly string[], columns: number): string {
  if (rows.length === 0) return '';
  const high = rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(visibleWidth(row) / columns)), 0);
  return `\r${high > 1 ? `\u001b[${high - 1}A` : ''}\u001b[J`;
}

/** Until the first frame comes, what was asked for says the same. */
const statusOf = ({ status }: Look): StatusUpdate => ({
  deploymentId: status.id,
  status: status.status,
  releaseState: status.releaseState,
  stage: status.stage,
  progress: status.progress,
  revision: status.revision,
  ...(status.message === undefined ? {} : { message: status.message }),
});
