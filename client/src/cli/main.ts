import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { SlipwayFailure } from '../failure.ts';
import { registerTokens } from './commands/access.ts';
import { registerCancel } from './commands/cancel.ts';
import type { Register, Run } from './commands/command.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerDeployments } from './commands/deployments.ts';
import { registerEnvironments } from './commands/environments.ts';
import { registerLogin } from './commands/login.ts';
import { registerProjects } from './commands/projects.ts';
import { registerRunner } from './commands/runner.ts';
import { registerVersions } from './commands/versions.ts';
import type { CommandContext } from './context.ts';
import { CommandEnd, EXIT, exitCodeOf } from './exit.ts';
import { type Terminal, terminalOf } from './output.ts';
import { onlyColors } from './visible.ts';

const COMMANDS: readonly Register[] = [
  registerLogin,
  registerProjects,
  registerEnvironments,
  registerVersions,
  registerDeploy,
  registerDeployments,
  registerCancel,
  registerTokens,
  registerRunner,
];

const EXIT_HELP = `
Exit codes: 0 done, 1 the deployment failed, 2 wrong usage, 3 refused by the service,
4 canceled, 5 timed out, 6 service out of reach.`;

async function main(argv: readonly string[]): Promise<void> {
  const terminal = terminalOf(process, argv.includes('--json'));
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const context: CommandContext = {
    terminal,
    env: process.env,
    cwd: process.cwd(),
    signal: interrupt.signal,
    now: () => Date.now(),
  };
  // A reader that goes away (head, less) ends the command quietly.
  process.stdout.on('error', () => process.exit(EXIT.done));
  try {
    await programOf(context).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = end(terminal, error, interrupt.signal.aborted);
  }
}

function programOf(context: CommandContext): Command {
  const program = new Command('slipway')
    .description('Deploy, watch and prove.')
    .option('--json', 'print JSON: one object, or one a line for streams')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_HELP);
  const run: Run =
    (action) =>
    (...args) =>
      action(context, ...args);
  for (const register of COMMANDS) register(program, run);
  const inherit = (command: Command) => {
    for (const child of command.commands) {
      child.copyInheritedSettings(command).option('--json', 'print JSON');
      inherit(child);
    }
  };
  inherit(program);
  return program;
}

/** Tells the person what went wrong, and gives the shell its code. */
function end(terminal: Terminal, error: unknown, interrupted: boolean): number {
  // Commander has printed its own message or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  // Somebody who pressed Ctrl-C knows it; a command that has more to say about it does so itself.
  if (interrupted && !(error instanceof CommandEnd)) return EXIT.canceled;
  const code = exitCodeOf(error);
  if (terminal.json) terminal.err(`${JSON.stringify(asJson(error, code))}\n`);
  else for (const line of messageOf(error)) terminal.err(`${onlyColors(line)}\n`);
  return code;
}

function messageOf(error: unknown): string[] {
  if (error instanceof CommandEnd) return error.message === '' ? [] : [`${pc.red('✖')} ${error.message}`];
  if (!(error instanceof SlipwayFailure))
    return [`${pc.red('✖')} ${error instanceof Error ? error.message : String(error)}`];
  const { problem } = error;
  const head = `${pc.red('✖')} ${error.message}${problem === undefined ? '' : pc.dim(` (${problem.code})`)}`;
  // The message is the first of the fields.
  const fields = (problem?.errors ?? []).slice(1).map(({ field, message }) => `  ${field}: ${message}`);
  const issues = (problem?.issues ?? []).map(({ message }) => `  ${message}`);
  const next = problem?.suggestion === undefined ? [] : [problem.suggestion];
  return [head, ...fields, ...issues, ...next];
}

function asJson(error: unknown, exitCode: number): unknown {
  const message = error instanceof Error ? error.message : String(error);
  return {
    error: error instanceof SlipwayFailure && error.problem ? error.problem : { detail: message },
    exitCode,
  };
}

await main(process.argv.slice(2));
