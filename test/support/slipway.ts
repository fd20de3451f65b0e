import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../local/paths.ts';
import type { Running } from '../../local/supervise/running.ts';
import { type Heard, heard } from './heard.ts';

/** npm start as a person runs it, in a folder of its own. */
export interface SlipwayProcess extends Omit<Heard, 'until'> {
  readonly pid: number;
  /** What `local.json` says, once it is there; rejects where the process ends before, with what it printed. */
  running(): Promise<Running>;
  /** Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

export interface SlipwayRun {
  /** Where it keeps everything; a second run in the same folder goes on where the first one stopped. */
  readonly dir: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `npm start` without npm in between, so that signals and exit codes are its own. */
export function startSlipway({ dir, args = [], env = {} }: SlipwayRun): SlipwayProcess {
  const child = spawn(process.execPath, [join(ROOT, 'local', 'main.ts'), ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...env, SLIPWAY_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { output, until, printed, ended } = heard(child);
  return {
    // Undefined only where it could not be started, and then `ended` has rejected.
    pid: child.pid ?? -1,
    output,
    ended,
    running: () => until('it was up', () => readRunning(dir, child.pid)),
    printed,
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

async function readRunning(dir: string, pid: number | undefined): Promise<Running | undefined> {
  const text = await readFile(join(dir, 'local.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // local/supervise/running.ts wrote it.
  const running = JSON.parse(text) as Running;
  return running.pid === pid ? running : undefined;
}
