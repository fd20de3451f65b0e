import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { ago, show, table } from '../output.ts';
import type { Register } from './command.ts';

export const registerVersions: Register = (program, run) => {
  program
    .command('versions')
    .description('versions of a project, newest first')
    .requiredOption('--project <project>', 'name or id of the project')
    .action(run(list));
};

async function list(context: CommandContext, options: { project: string }): Promise<void> {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  const page = unwrap(await slipway.versions.list(id, { limit: 50, signal: context.signal }));
  show(context.terminal, page, () =>
    page.items.length === 0
      ? `No version yet. "slipway deploy --project ${options.project}" makes one.`
      : table(
          context.terminal,
          ['number', 'state', 'source', 'commit', 'created', 'id'],
          page.items.map((version) => [
            `#${version.number}`,
            version.state,
            version.source.type === 'git' ? version.source.ref : 'upload',
            version.commit?.sha.slice(0, 12) ?? '',
            ago(version.createdAt, context.now()),
            version.id,
          ]),
        ),
  );
}
