import { SlipwayFailure } from '../failure.ts';

/** Exit codes of the command line, as documented in its help. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  canceled: 4,
  timedOut: 5,
  unreachable: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that cannot go on, with what the person is told and the code the shell gets. */
export class CommandEnd extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CommandEnd';
    this.exitCode = exitCode;
  }
}

export const usage = (message: string) => new CommandEnd(EXIT.usage, message);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandEnd) return error.exitCode;
  if (!(error instanceof SlipwayFailure)) return EXIT.failed;
  switch (error.kind) {
    case 'refused':
      return EXIT.refused;
    case 'unreachable':
    case 'unexpected':
      return EXIT.unreachable;
    case 'aborted':
      return EXIT.canceled;
  }
}

/** Exit code for the way a deployment ended. */
export function exitCodeOfStatus(status: string): ExitCode {
  switch (status) {
    case 'succeeded':
      return EXIT.done;
    case 'canceled':
      return EXIT.canceled;
    case 'timeout':
      return EXIT.timedOut;
    default:
      return EXIT.failed;
  }
}
