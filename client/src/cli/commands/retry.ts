import { unwrap } from '../../result.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { watch } from '../live/watch.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';
import { report } from './deploy.ts';

interface RetryOptions {
  readonly force?: boolean;
  readonly wait?: boolean;
  readonly follow?: boolean;
}

export const registerRetry: Register = (program, run) => {
  program
    .command('retry')
    .addArgument(deploymentArgument())
    .description('try a deployment that ended without success again; what was built is not built again')
    .option('--force', 'although what the environment serves is unhealthy')
    .option('--wait', 'wait for the end')
    .option('--follow', 'show stages and log lines until the end')
    .action(run(retry));
};

async function retry(context: CommandContext, id: string, options: RetryOptions): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const started = unwrap(
    await slipway.deployments.retry(id, { ...(options.force && { force: true }), signal }),
  );
  if (!options.follow && !options.wait) {
    show(
      context.terminal,
      started,
      () => `Trying ${id} again as ${started.id}. Watch it: slipway logs -f ${started.id}`,
    );
    return;
  }
  if (options.follow) await watch(context, slipway, started.id);
  const ended = unwrap(await slipway.deployments.waitFor(started.id, { signal }));
  const project = unwrap(await slipway.projects.get(ended.projectId, { signal }));
  report(context, ended, project.name, options.follow === true);
}
