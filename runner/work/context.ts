import type { Clock } from '../../shared/platform/clock.ts';
import type { JobLog } from '../log.ts';
import { type CommandExit, runCommand } from '../process/command.ts';
import type { UserProcesses } from '../process/find.ts';
import type { BuildUser } from '../process/user.ts';
import type { RunnerSettings } from '../settings.ts';
import type { Workspace } from './workspace.ts';

/** What the parts of a job share. */
export interface WorkContext {
  readonly jobId: string;
  /** Base of the API, with /v1. */
  readonly base: string;
  readonly workspace: Workspace;
  readonly settings: RunnerSettings;
  readonly log: JobLog;
  /** Fires with JobStopped when the job must end. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How the build user's processes are found, where there is one. */
  readonly ofUser?: UserProcesses | undefined;
  /** Told the process group of the running command, so that a restarted runner can end it. */
  readonly onGroup: (group: number | undefined) => void;
}

export interface LoggedCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user?: BuildUser | undefined;
}

/** Runs a command with its output in the job's log. */
export async function runLogged(context: WorkContext, command: LoggedCommand): Promise<CommandExit> {
  const output = context.log.command();
  try {
    return await runCommand(command, {
      stdout: output.stdout,
      stderr: output.stderr,
      ...ofJob(context),
    });
  } finally {
    output.end();
  }
}

export interface Captured extends CommandExit {
  readonly stdout: string;
  readonly stderr: string;
  /** There was more on stdout than is kept. */
  readonly cut: boolean;
}

/** Enough for the names of 100,000 refs. */
const CAPTURE_BYTES = 16 * 1024 * 1024;

/** Runs a command for what it prints; nothing goes to the log. What is over the cap is cut off. */
export async function runCaptured(context: WorkContext, command: LoggedCommand): Promise<Captured> {
  const [stdout, stderr] = [collector(), collector()];
  const exit = await runCommand(command, {
    stdout: stdout.sink,
    stderr: stderr.sink,
    ...ofJob(context),
  });
  return { ...exit, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut() };
}

/** What a command has of the job that it runs for, whoever reads its output. */
const ofJob = (context: WorkContext) => ({
  signal: context.signal,
  mark: context.jobId,
  ofUser: context.ofUser,
  folder: context.workspace.secret,
  clock: context.clock,
  onGroup: context.onGroup,
});

function collector(): { sink: (bytes: Buffer) => undefined; text: () => string; cut: () => boolean } {
  const parts: Buffer[] = [];
  let size = 0;
  return {
    sink(bytes) {
      if (size < CAPTURE_BYTES) parts.push(bytes.subarray(0, CAPTURE_BYTES - size));
      size += bytes.length;
      return undefined;
    },
    text: () => Buffer.concat(parts).toString('utf8'),
    cut: () => size > CAPTURE_BYTES,
  };
}
