import { type Argument, Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { registerTokens } from './commands/access.ts';
import { registerApprovals } from './commands/approvals.ts';
import { registerCancel } from './commands/cancel.ts';
import type { Register, Run } from './commands/command.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerEnvironments } from './commands/environments.ts';
import { registerFreezes } from './commands/freezes.ts';
import { registerHealth } from './commands/health.ts';
import { registerList } from './commands/list.ts';
import { registerLogin } from './commands/login.ts';
import { registerLogs } from './commands/logs.ts';
import { registerOpen } from './commands/open.ts';
import { registerProjects } from './commands/projects.ts';
import { registerRetry } from './commands/retry.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerRollout } from './commands/rollout.ts';
import { registerRunner } from './commands/runner.ts';
import { registerSchedules } from './commands/schedules.ts';
import { registerStatus } from './commands/status.ts';
import { registerVariables } from './commands/variables.ts';
import { registerVersions } from './commands/versions.ts';
import type { CommandContext } from './context.ts';
import { tell } from './errors.ts';
import { EXIT } from './exit.ts';
import { terminalOf } from './output.ts';

/** Under what they do, as the help shows them. */
const COMMANDS: Readonly<Record<string, readonly Register[]>> = {
  'Deploy:': [registerDeploy, registerRollback, registerRetry, registerCancel, registerRollout],
  'Look:': [registerList, registerStatus, registerLogs, registerOpen, registerVersions],
  'Decide:': [registerApprovals, registerSchedules, registerFreezes],
  'Set up:': [registerProjects, registerEnvironments, registerVariables],
  'Connect:': [registerLogin, registerTokens, registerRunner, registerHealth, registerCompletion],
};

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
    process.exitCode = tell(terminal, error, interrupt.signal.aborted);
  }
}

function programOf(context: CommandContext): Command {
  const program = new Command('slipway')
    .description('Deploy, watch and prove.')
    .version(packageJson.version, '-V, --version', 'print the version of this command')
    .option('--json', 'print JSON: one object, or one a line for streams')
    .exitOverride()
    // What stands behind a command is the command's: `deploy --version` names a version to deploy.
    .enablePositionalOptions()
    .configureOutput({ writeErr: (text) => (context.terminal.json ? undefined : context.terminal.err(text)) })
    .showHelpAfterError('See: slipway --help')
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', EXIT_HELP);
  const run: Run =
    (action) =>
    (...args) =>
      action(context, ...args);
  for (const [heading, registers] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading);
    for (const register of registers) register(program, run);
  }
  const inherit = (command: Command, path: string) => {
    for (const child of command.commands) {
      const own = `${path} ${child.name()}`;
      child
        .copyInheritedSettings(command)
        .option('--json', 'print JSON')
        .showHelpAfterError(`See: ${own} --help`);
      inherit(child, own);
    }
  };
  inherit(program, program.name());
  return program;
}

/** That there are options is said by the help of a command, not by each line of a list of commands. */
const termOf = (command: Command) =>
  [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' ');

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

await main(process.argv.slice(2));
