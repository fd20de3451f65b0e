import { CommanderError } from 'commander';
import type { Problem } from '../../../shared/contracts/problem.ts';
import { SlipwayFailure } from '../failure.ts';
import { pc } from './colors.ts';
import { CommandEnd, EXIT, type ExitCode, exitCodeOf } from './exit.ts';
import type { Terminal } from './output.ts';
import { jsonText, onlyColors } from './visible.ts';

/** Tells the person what went wrong, and gives the shell its code. */
export function tell(terminal: Terminal, error: unknown, interrupted: boolean): ExitCode {
  const usual = error instanceof CommanderError;
  // Help and version were asked for and are there.
  if (usual && error.exitCode === 0) return EXIT.done;
  // Somebody who pressed Ctrl-C knows it; a command that has more to say about it does so itself.
  if (interrupted && !usual && !(error instanceof CommandEnd)) return EXIT.canceled;
  const code = usual ? EXIT.usage : exitCodeOf(error);
  // A command that ends with a code alone has said what there is to say.
  if (error instanceof CommandEnd && error.message === '') return code;
  if (terminal.json) terminal.err(`${jsonText(asJson(error, code))}\n`);
  // Commander has printed its own message or the help.
  else if (!usual) for (const line of textOf(error)) terminal.err(`${onlyColors(line)}\n`);
  return code;
}

function textOf(error: unknown): string[] {
  const cross = pc.red('✖');
  if (error instanceof CommandEnd) return [`${cross} ${error.message}`];
  if (!(error instanceof SlipwayFailure))
    return [`${cross} ${error instanceof Error ? error.message : String(error)}`];
  const { problem } = error;
  const head = `${cross} ${error.message}${problem === undefined ? '' : pc.dim(` (${problem.code})`)}`;
  // The message is the first of the fields, and names a single issue whole.
  const issues = problem?.issues ?? [];
  const errors = issues.length > 0 ? [] : (problem?.errors ?? []);
  const fields = errors.slice(1).map(({ field, message }) => `  ${field}: ${message}`);
  const more = issues.length < 2 ? [] : issues.flatMap(linesOf);
  const told = issues.length > 1 && issues.every(({ suggestion }) => suggestion !== undefined);
  const next = problem?.suggestion === undefined || told ? [] : [problem.suggestion];
  return [head, ...fields, ...more, ...next];
}

/** One of several things that stand in the way, and what to do about it. */
const linesOf = ({ message, suggestion }: NonNullable<Problem['issues']>[number]) => [
  `  ${message}`,
  ...(suggestion === undefined ? [] : [`    ${suggestion}`]),
];

function asJson(error: unknown, exitCode: number): unknown {
  const message = (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
  return {
    error: error instanceof SlipwayFailure && error.problem ? error.problem : { detail: message },
    exitCode,
  };
}
