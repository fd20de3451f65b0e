import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '../../shared/platform/clock.ts';
import type { JobProcesses, UserProcesses } from './find.ts';
import { anyAlive, killProcesses } from './kill.ts';
import { type OutputPipe, openOutputPipes } from './pipes.ts';
import type { BuildUser } from './user.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly user?: BuildUser | undefined;
}

/** Takes the bytes of one stream. While the promise it returns is open, no more is read and the child waits. */
export type OutputSink = (bytes: Buffer) => undefined | Promise<void>;

export interface CommandRun {
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  /** Ends the command when it fires; runCommand then rejects with its reason once nothing is left of it. */
  readonly signal: AbortSignal;
  /** Id of the job that the process belongs to, see JOB_MARK. */
  readonly mark: string;
  readonly ofUser?: UserProcesses | undefined;
  /** For the pipes, see openOutputPipes. */
  readonly folder: string;
  readonly clock: Clock;
  /** Told the process group as soon as there is one, and undefined when it is gone. */
  readonly onGroup?: (group: number | undefined) => void;
}

/** What a shell would call the exit code: 128 + n for a process that signal n ended. */
export interface CommandExit {
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
}

/** How long output may still come from processes that a finished command left behind. */
const LEFTOVER_MS = 2_000;
const POLL_MS = 50;

/** Runs a program in a process group of its own, and leaves nothing of it behind. */
export async function runCommand(command: Command, run: CommandRun): Promise<CommandExit> {
  run.signal.throwIfAborted();
  const pipes = await openOutputPipes(run.folder, command.user);
  const drains = [drainInto(run.stdout, pipes[0]), drainInto(run.stderr, pipes[1])];
  try {
    const { group, exited } = await start(command, pipes);
    run.onGroup?.(group);
    const job: JobProcesses = { group, mark: run.mark, ofUser: run.ofUser };
    const stop = () => void killProcesses(job, run.clock);
    run.signal.addEventListener('abort', stop, { once: true });
    const exit = await exited;
    run.signal.removeEventListener('abort', stop);
    await collectRest(job, drains, run);
    run.onGroup?.(undefined);
    run.signal.throwIfAborted();
    return exit;
  } finally {
    for (const pipe of pipes) {
      pipe.closeWriter();
      pipe.reader.destroy();
    }
  }
}

async function start(
  command: Command,
  pipes: [OutputPipe, OutputPipe],
): Promise<{ group: number; exited: Promise<CommandExit> }> {
  const child = spawn(command.program, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
    stdio: ['ignore', pipes[0].writer, pipes[1].writer],
    detached: true,
    ...(command.user === undefined ? {} : { uid: command.user.uid, gid: command.user.gid }),
  });
  const exited = new Promise<CommandExit>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({
        code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        signal: signal ?? undefined,
      }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  for (const pipe of pipes) pipe.closeWriter();
  // Set once `spawn` was heard.
  return { group: child.pid as number, exited };
}

/**
 * The leader is gone; a background process may still write (`> >(tee log)` ends a moment later). It gets as
 * long as a canceled build would, then what is left is ended, so that nothing holds the pipes open for ever.
 * Time during which nobody took the output does not count: what was printed is not lost.
 */
async function collectRest(job: JobProcesses, drains: readonly Drain[], run: CommandRun): Promise<void> {
  await waitForEnd(drains, run);
  if (anyAlive(job)) await killProcesses(job, run.clock);
  await waitForEnd(drains, run);
}

async function waitForEnd(drains: readonly Drain[], run: CommandRun): Promise<void> {
  for (let waited = 0; waited < LEFTOVER_MS && drains.some((drain) => !drain.ended()); ) {
    await Promise.race([Promise.all(drains.map((drain) => drain.end)), run.clock.sleep(POLL_MS)]);
    if (run.signal.aborted || drains.every((drain) => !drain.busy())) waited += POLL_MS;
  }
}

/** One stream on its way into its sink. */
interface Drain {
  readonly end: Promise<void>;
  ended(): boolean;
  /** The sink has not taken the last bytes yet. */
  busy(): boolean;
}

function drainInto(sink: OutputSink, pipe: OutputPipe): Drain {
  let busy = false;
  let ended = false;
  const end = new Promise<void>((resolve) => {
    pipe.reader.once('close', () => {
      ended = true;
      resolve();
    });
  });
  pipe.reader.on('data', (bytes: Buffer) => {
    const taken = sink(bytes);
    if (taken === undefined) return;
    busy = true;
    pipe.reader.pause();
    void taken.then(() => {
      busy = false;
      pipe.reader.resume();
    });
  });
  // After an error `close` follows; what was read until then is kept.
  pipe.reader.on('error', () => {});
  return { end, ended: () => ended, busy: () => busy };
}
