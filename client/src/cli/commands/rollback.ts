import { unwrap } from '../../result.ts';
import type { Slipway } from '../../slipway.ts';
import { type CommandContext, client, environmentNamed, projectNamed } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { CommandEnd, EXIT, usage } from '../exit.ts';
import { watch } from '../live/watch.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';
import { report } from './deploy.ts';

interface RollbackOptions {
  readonly project?: string;
  readonly env?: string;
  readonly to?: string;
  readonly reason: string;
  readonly force?: boolean;
  readonly wait?: boolean;
  readonly follow?: boolean;
}

interface UnpinOptions {
  readonly project: string;
  readonly env?: string;
}

export const registerRollback: Register = (program, run) => {
  program
    .command('rollback')
    .addArgument(deploymentArgument('[deployment]'))
    .description('leave a live deployment for an earlier one, and pin the environment to it')
    .requiredOption('--reason <text>', 'why; shown with both deployments')
    .option('--project <project>', 'name or id of a project, where no deployment is named')
    .option('--env <name>', 'its environment; the default one where it is left out')
    .option('--to <deployment>', 'the one to go back to; the latest good one where it is left out')
    .option('--force', 'leave a deployment although the record says that another is live')
    .option('--wait', 'wait for the end')
    .option('--follow', 'show the log until the end')
    .action(run(rollback));
  program
    .command('unpin')
    .description('let webhooks and schedules deploy again what a rollback keeps out')
    .requiredOption('--project <project>', 'name or id of the project')
    .option('--env <name>', 'environment; the default one where it is left out')
    .action(run(unpin));
};

async function rollback(
  context: CommandContext,
  named: string | undefined,
  options: RollbackOptions,
): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const id = named ?? (await liveIn(context, slipway, options));
  const body = {
    reason: options.reason,
    ...(options.to === undefined ? {} : { targetDeploymentId: options.to }),
    ...(options.force && { force: true }),
  };
  const started = unwrap(await slipway.deployments.rollback(id, body, { signal }));
  const target = started.rollback?.targetDeploymentId ?? 'an earlier one';
  if (!options.wait && !options.follow) {
    show(
      context.terminal,
      started,
      () => `Rolling ${started.environment} back to ${target} as ${started.id}; it is pinned from now on.`,
    );
    return;
  }
  if (options.follow) await watch(context, slipway, started.id);
  const ended = unwrap(await slipway.deployments.waitFor(started.id, { signal }));
  const project = unwrap(await slipway.projects.get(ended.projectId, { signal }));
  report(context, ended, project.name, options.follow === true);
}

/** What the environment serves now: that is what somebody wants to leave who names only the place. */
async function liveIn(context: CommandContext, slipway: Slipway, options: RollbackOptions): Promise<string> {
  if (options.project === undefined) throw usage('Name a deployment, or --project (and --env).');
  const { signal } = context;
  const { id, name } = await projectNamed(slipway, options.project, signal);
  const env = await environmentNamed(slipway, id, options.env, signal);
  const { active } = unwrap(await slipway.environments.get(id, env, { signal }));
  if (active !== undefined) return active;
  throw new CommandEnd(EXIT.refused, `${env} of ${name} serves nothing that could be left.`);
}

async function unpin(context: CommandContext, options: UnpinOptions): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const { id } = await projectNamed(slipway, options.project, signal);
  const env = await environmentNamed(slipway, id, options.env, signal);
  unwrap(await slipway.environments.unpin(id, env, { signal }));
  show(context.terminal, { unpinned: env }, () => `Nothing is pinned or blocked in ${env} any more.`);
}
