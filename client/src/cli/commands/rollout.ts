import { unwrap } from '../../result.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { usage } from '../exit.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';

interface PromoteOptions {
  readonly step?: string;
  readonly all?: boolean;
}

export const registerRollout: Register = (program, run) => {
  program
    .command('promote')
    .addArgument(deploymentArgument())
    .description('go on with a rollout without waiting for the end of its bake')
    .option('--step <n>', 'the step that is meant; refused where it is another by now')
    .option('--all', 'to all visitors at once instead of the next step')
    .action(run(promote));
  program
    .command('abort')
    .addArgument(deploymentArgument())
    .description('end a rollout; all visitors get what was live before')
    .option('--reason <text>', 'kept with the deployment')
    .action(run(abort));
};

async function promote(
  context: CommandContext,
  id: string,
  { step: text, all }: PromoteOptions,
): Promise<void> {
  const step = text === undefined ? undefined : Number(text);
  if (step !== undefined && !(Number.isInteger(step) && step > 0))
    throw usage('--step is the number of a step, from 1 on.');
  const slipway = await client(context);
  const { signal } = context;
  const deployment = unwrap(await slipway.deployments.promote(id, { step, all, signal }));
  const { rollout } = deployment;
  const from = rollout === undefined ? '' : ` from step ${rollout.step} of ${rollout.steps.length}`;
  show(context.terminal, deployment, () => `Promoted ${id}${from}. See how it does: slipway status ${id}`);
}

async function abort(context: CommandContext, id: string, { reason }: { reason?: string }): Promise<void> {
  const slipway = await client(context);
  const deployment = unwrap(await slipway.deployments.abort(id, { reason, signal: context.signal }));
  show(
    context.terminal,
    deployment,
    () => `Aborting ${id}: all visitors of ${deployment.environment} get what was live before.`,
  );
}

/** `10:300,50,100`: weights in percent, each with the seconds that it bakes where they are not the default. */
export function stepsFrom(text: string): { weight: number; bakeSeconds?: number }[] {
  return text.split(',').map((part) => {
    const [, weight, bake] = /^(\d+)(?::(\d+))?$/.exec(part.trim()) ?? [];
    if (weight === undefined) throw usage('--steps is weight[:seconds] for each step: 10:300,50:300,100');
    return { weight: Number(weight), ...(bake === undefined ? {} : { bakeSeconds: Number(bake) }) };
  });
}
