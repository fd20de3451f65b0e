import type { Command } from 'commander';
import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { show } from '../output.ts';
import type { Run } from './command.ts';

interface ReleaseOptions {
  readonly project: string;
  readonly reason: string;
}

export function addReleaseSlot(envs: Command, run: Run): void {
  envs
    .command('release-slot <name>')
    .description('free an environment whose last deployment ended before its target came to rest')
    .requiredOption('--project <project>', 'name or id of the project')
    .requiredOption('--reason <text>', 'what was looked at; shown with that deployment')
    .action(run(releaseSlot));
}

async function releaseSlot(context: CommandContext, name: string, options: ReleaseOptions): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const { id } = await projectNamed(slipway, options.project, signal);
  const { reason } = options;
  const environment = unwrap(await slipway.environments.releaseSlot(id, name, { reason }, { signal }));
  const { owner } = environment.slot;
  show(context.terminal, environment, () =>
    owner === undefined ? `The slot of ${name} is free.` : `The slot of ${name} went to ${owner}.`,
  );
}
