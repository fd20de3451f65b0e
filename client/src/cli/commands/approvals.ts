import { unwrap } from '../../result.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';

export const registerApprovals: Register = (program, run) => {
  program
    .command('approve')
    .addArgument(deploymentArgument())
    .description('agree to what a deployment would change')
    .option('--digest <digest>', 'what you have looked at; refused where it has changed since')
    .option('--comment <text>', 'kept with the approval')
    .action(run(approve));
  program
    .command('reject')
    .addArgument(deploymentArgument())
    .description('say no to what a deployment would change; it ends canceled')
    .requiredOption('--reason <text>', 'kept with the deployment')
    .action(run(reject));
};

async function approve(
  context: CommandContext,
  id: string,
  { digest, comment }: { digest?: string; comment?: string },
): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const deployment = unwrap(await slipway.deployments.approve(id, { digest, comment, signal }));
  const { given = [], required = 0 } = deployment.approval ?? {};
  show(context.terminal, deployment, () => `Approved ${id}: ${given.length} of ${required}.`);
}

async function reject(context: CommandContext, id: string, { reason }: { reason: string }): Promise<void> {
  const slipway = await client(context);
  const deployment = unwrap(await slipway.deployments.reject(id, reason, { signal: context.signal }));
  show(context.terminal, deployment, () => `Rejected ${id}.`);
}
