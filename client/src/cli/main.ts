import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { registerTokens } from './commands/access.ts';
import { registerApprovals } from './commands/approvals.ts';
import { registerCancel } from './commands/cancel.ts';
import type { Register, Run } from './commands/command.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerDeployments } from './commands/deployments.ts';
import { registerEnvironments } from './commands/environments.ts';
import { registerFreezes } from './commands/freezes.ts';
import { registerLogin } from './commands/login.ts';
import { registerProjects } from './commands/projects.ts';
import { registerRetry } from './commands/retry.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerRollout } from './commands/rollout.ts';
import { registerRunner } from './commands/runner.ts';
import { registerSchedules } from './commands/schedules.ts';
import { registerVariables } from './commands/variables.ts';
import { registerVersions } from './commands/versions.ts';
import type { CommandContext } from './context.ts';
import { tell } from './errors.ts';
import { EXIT } from './exit.ts';
import { terminalOf } from './output.ts';

const COMMANDS: readonly Register[] = [
  registerLogin,
  registerProjects,
  registerEnvironments,
  registerVariables,
  registerVersions,
  registerDeploy,
  registerCancel,
  registerRetry,
  registerRollout,
  registerRollback,
  registerDeployments,
  registerApprovals,
  registerSchedules,
  registerFreezes,
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
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_HELP);
  const run: Run =
    (action) =>
    (...args) =>
      action(context, ...args);
  for (const register of COMMANDS) register(program, run);
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

await main(process.argv.slice(2));
