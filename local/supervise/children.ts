import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childEnvironment } from '../environment.ts';
import { StartFailure } from '../failure.ts';
import { endGroup, signal } from './signals.ts';
import type { Notice } from './watchdog.ts';

/** What to run, and how to end it. */
export interface Command {
  /** The name a person knows it by ("the emulator"); stands in error sentences. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to what every child inherits, see childEnvironment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its output goes to this file, the one before is kept as `<file>.1`. */
  readonly logFile: string;
  /** How long it may take to stop by itself once asked, in milliseconds. */
  readonly graceMs: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running process, leader of a process group of its own. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves once it is gone, whoever ended it. */
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** Asks it to stop, waits its grace, kills its group; resolves when it is gone. Safe to repeat. */
  stop(): Promise<void>;
}

/** All processes that this one started: none of them outlives it, however it ends. */
export interface Children {
  start(command: Command): Promise<Child>;
  /** A file that says something about this process, to be removed when it dies before it could do so itself. */
  discardAtDeath(file: string): void;
  /** Ends what runs, the newest first, since what started later uses what started earlier. */
  stopAll(): Promise<void>;
}

export function createChildren(): Children {
  const running: Child[] = [];
  let watchdog: ChildProcess | undefined;

  function tell(notice: Notice): void {
    watchdog?.stdin?.write(`${JSON.stringify(notice)}\n`);
  }

  async function start(command: Command): Promise<Child> {
    watchdog ??= startWatchdog();
    const child = await run(command);
    running.push(child);
    tell({ began: child.pid, graceMs: command.graceMs });
    void child.exited.then(() => {
      running.splice(running.indexOf(child), 1);
      // Workers that a dead leader left behind.
      signal(-child.pid, 'SIGKILL');
      tell({ ended: child.pid });
    });
    return child;
  }

  async function stopAll(): Promise<void> {
    for (const child of running.toReversed()) await child.stop();
    watchdog?.stdin?.end();
    watchdog = undefined;
  }

  function discardAtDeath(file: string): void {
    watchdog ??= startWatchdog();
    tell({ discard: file });
  }

  return { start, discardAtDeath, stopAll };
}

async function run(command: Command): Promise<Child> {
  const log = openLog(command.logFile);
  const child = spawn(command.program, [...command.args], {
    cwd: command.cwd,
    env: childEnvironment(command.env),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signalName) => {
      exit = { code, signal: signalName };
      resolve(exit);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new StartFailure(`Could not start ${command.name} (${command.program}): ${cause.message}.`, {
          cause,
        }),
      ),
    );
  });
  const pid = child.pid;
  if (pid === undefined) throw new StartFailure(`Could not start ${command.name} (${command.program}).`);
  return {
    name: command.name,
    pid,
    logFile: command.logFile,
    exited,
    exit: () => exit,
    async stop() {
      if (exit === undefined) await endGroup(pid, command.graceMs);
      await exited;
    },
  };
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // The first run has none.
  }
  return openSync(file, 'w', 0o600);
}

function startWatchdog(): ChildProcess {
  const watchdog = spawn(process.execPath, [join(import.meta.dirname, 'watchdog.ts')], {
    env: childEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // It may not keep this process alive, nor end it by going first.
  watchdog.unref();
  watchdog.stdin.on('error', () => {});
  if ('unref' in watchdog.stdin && typeof watchdog.stdin.unref === 'function') watchdog.stdin.unref();
  return watchdog;
}
