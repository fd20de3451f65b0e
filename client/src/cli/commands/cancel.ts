import type { CancelView } from '../../../../shared/contracts/cancel.ts';
import { unwrap } from '../../result.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { CommandEnd, EXIT, type ExitCode, exitCodeOfStatus } from '../exit.ts';
import { colored, show } from '../output.ts';
import type { Register } from './command.ts';

interface CancelOptions {
  readonly reason?: string;
  readonly wait?: boolean;
}

export const registerCancel: Register = (program, run) => {
  program
    .command('cancel')
    .addArgument(deploymentArgument())
    .description('stop a deployment, or switch it back')
    .option('--reason <text>', 'why; shown with the deployment')
    .option('--wait', 'wait for the end')
    .action(run(cancel));
};

async function cancel(context: CommandContext, id: string, options: CancelOptions): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const answer = unwrap(await slipway.deployments.cancel(id, { reason: options.reason, signal }));
  if (answer.outcome === 'already-finished') {
    const { status } = unwrap(await slipway.deployments.get(id, { signal }));
    if (context.terminal.json) show(context.terminal, answer, () => '');
    throw new CommandEnd(EXIT.refused, `${id} had ended already: ${status}.`);
  }
  if (!options.wait) {
    show(context.terminal, answer, () => wordsFor(id, answer));
    return;
  }
  const ended = unwrap(await slipway.deployments.waitFor(id, { signal }));
  show(context.terminal, ended, () => `${colored(ended.status)}: ${id}, ${ended.releaseState}`);
  const code = exitCodeOfCancel(ended.status);
  if (code !== EXIT.done) throw new CommandEnd(code, '');
}

function wordsFor(id: string, { outcome, until }: CancelView): string {
  if (outcome === 'stopped') return `Stopped ${id}.`;
  return `Stopping ${id}; it has ended by ${until ?? 'its deadline'}. Wait for it: slipway cancel --wait ${id}`;
}

/** To end as canceled is what was asked for. */
const exitCodeOfCancel = (status: string): ExitCode =>
  status === 'canceled' ? EXIT.done : exitCodeOfStatus(status);
