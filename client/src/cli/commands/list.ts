import { Option } from 'commander';
import { unwrap } from '../../result.ts';
import type { DeploymentRow } from '../../shapes/deployment-lists.ts';
import type { Slipway } from '../../slipway.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { ago, colored, duration, show, table } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';
import type { Register } from './command.ts';

interface ListOptions {
  readonly project?: string;
  readonly env?: string;
  readonly status?: string;
  readonly stage?: string;
  readonly ref?: string;
  readonly by?: string;
  readonly type?: string;
  readonly sort: (typeof MOMENTS)[number];
  readonly limit: string;
}

const MOMENTS = ['created', 'started', 'finished'] as const;

export const registerList: Register = (program, run) => {
  program
    .command('list')
    .description('deployments, newest first')
    .option('--project <project>', 'name or id of a project')
    .option('--env <name>', 'environment')
    .option('--status <status>', 'for example failed, or several with commas between')
    .addOption(new Option('--stage <stage>', 'where it stands').choices(STAGES))
    .option('--ref <ref>', 'branch, tag or commit that it was started with')
    .option('--by <who>', 'who started it')
    .addOption(new Option('--type <type>', 'what it was').choices(['deploy', 'rollback']))
    .addOption(
      new Option('--sort <moment>', 'started and finished need --project')
        .choices(MOMENTS)
        .default('created'),
    )
    .option('--limit <n>', 'how many, 1-100', '20')
    .action(run(list));
};

const STAGES = ['gate', 'build', 'release', 'verify', 'activate', 'settle'];

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit, 1, 100);
  const slipway = await client(context);
  const project =
    options.project === undefined ? undefined : await projectNamed(slipway, options.project, context.signal);
  const page = unwrap(
    await slipway.deployments.list({
      projectId: project?.id,
      environment: options.env,
      status: options.status,
      stage: options.stage,
      sourceRef: options.ref,
      triggeredBy: options.by,
      type: options.type,
      sortBy: options.sort,
      limit,
      signal: context.signal,
    }),
  );
  // Where one project was named, its name in each row would only take room.
  const names =
    context.terminal.json || project !== undefined ? undefined : await projectNames(context, slipway);
  const columns = columnsOf(names, context.now());
  show(context.terminal, page, () =>
    page.items.length === 0
      ? 'No deployment to show. "slipway deploy --project <name>" starts one.'
      : table(
          context.terminal,
          columns.map(([heading]) => heading),
          page.items.map((row) => columns.map(([, cell]) => cell(row))),
        ),
  );
}

type Column = readonly [heading: string, cell: (row: DeploymentRow) => string];

function columnsOf(names: ReadonlyMap<string, string> | undefined, now: number): Column[] {
  return [
    ['deployment', ({ id }) => id],
    ['status', ({ status }) => colored(status)],
    ...(names === undefined ? [] : [projectColumn(names)]),
    ['environment', ({ environment }) => environment],
    ['started', ({ createdAt }) => ago(createdAt, now)],
    ['live', ({ releaseState }) => (releaseState === 'none' ? '' : releaseState)],
    [
      'took',
      ({ durationSeconds, progress }) =>
        durationSeconds === undefined ? `${progress}%` : duration(durationSeconds),
    ],
    ['version', ({ versionNumber }) => `#${versionNumber}`],
    ['message', ({ message }) => message ?? ''],
  ];
}

const projectColumn = (names: ReadonlyMap<string, string>): Column => [
  'project',
  ({ projectId }) => names.get(projectId) ?? projectId,
];

/** Names by id; a project that is not among the first hundred is shown by its id. */
async function projectNames(context: CommandContext, slipway: Slipway): Promise<Map<string, string>> {
  const page = unwrap(await slipway.projects.list({ limit: 100, signal: context.signal }));
  return new Map(page.items.map(({ id, name }) => [id, name]));
}
