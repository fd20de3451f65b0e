import type { NewEnvironment } from '../../resources/environments.ts';
import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { addFields, type Field, hooksIn, objectIn, patchOf } from '../fields.ts';
import { facts, show, table } from '../output.ts';
import type { Register } from './command.ts';
import { factsOf } from './environment-facts.ts';
import { addReleaseSlot } from './release-slot.ts';

const FIELDS: readonly Field[] = [
  {
    flags: '--type <type>',
    description: 'production, staging, preview, development or testing',
    path: ['type'],
  },
  {
    flags: '--default <yes>',
    description: 'yes: the one that is meant where none is named',
    path: ['isDefault'],
    as: 'yes-no',
  },
  {
    flags: '--concurrency <policy>',
    description: 'what a second start meets: reject, queue or supersede',
    path: ['concurrency'],
  },
  {
    flags: '--approvals <n>',
    description: 'how many have to agree before anything changes',
    path: ['approvals', 'required'],
    removes: ['approvals'],
    as: 'number',
  },
  {
    flags: '--approvers <groups>',
    description: 'groups whose members may agree, with commas between them',
    path: ['approvals', 'groups'],
    as: 'list',
  },
  {
    flags: '--promote-from <environments>',
    description: 'where the same content must have succeeded before, with commas between them',
    path: ['promoteFrom'],
    as: 'list',
  },
  {
    flags: '--health-url <url>',
    description: 'probed instead of its own address',
    path: ['healthCheck', 'url'],
  },
  {
    flags: '--health-path <path>',
    description: 'probed below its address',
    path: ['healthCheck', 'path'],
  },
  {
    flags: '--health-status <code>',
    description: 'the HTTP status that is healthy',
    path: ['healthCheck', 'expectStatus'],
    as: 'number',
  },
  {
    flags: '--rollback-on-failure <yes|no>',
    description: 'switch back where live checks fail',
    path: ['rollbackOnFailure'],
    as: 'yes-no',
  },
  {
    flags: '--log-days <days>',
    description: 'how long log lines stay in the database; then they come from the archive',
    path: ['retention', 'logDays'],
    removes: ['retention'],
    as: 'number',
  },
];

interface InProject {
  readonly project: string;
}
type FieldOptions = Readonly<Record<string, string>> &
  InProject & { readonly file?: string; readonly hooks?: string };

const HOOKS = [
  '--hooks <json>',
  'file (or -) with the hooks: {"pre": […], "post": […], "onPostFailure"}',
] as const;

export const registerEnvironments: Register = (program, run) => {
  const project = ['--project <project>', 'name or id of the project'] as const;
  const envs = program.command('envs').description('environments of a project');
  envs
    .command('list', { isDefault: true })
    .description('all environments')
    .requiredOption(...project)
    .action(run(list));
  envs
    .command('show <name>')
    .description('one environment: settings, what is live, who changes it')
    .requiredOption(...project)
    .action(run(showOne));
  addFields(
    envs
      .command('create <name>')
      .description('add an environment; of type staging unless another is named')
      .requiredOption(...project)
      .option('--file <json>', 'read the rest from a JSON file')
      .option(...HOOKS),
    FIELDS,
  ).action(run(create));
  addFields(
    envs
      .command('update <name>')
      .description('change what is named; an empty text ("") takes a setting away')
      .requiredOption(...project)
      .option('--file <json>', 'read the changes from a JSON file, a merge patch (RFC 7396)')
      .option(...HOOKS),
    FIELDS,
  ).action(run(update));
  envs
    .command('delete <name>')
    .description('delete one that serves nothing')
    .requiredOption(...project)
    .option('--leave-releases', 'also one that serves a release, which stays online')
    .action(run(remove));
  addReleaseSlot(envs, run);
};

async function list(context: CommandContext, options: InProject): Promise<void> {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  const page = unwrap(await slipway.environments.list(id, { signal: context.signal }));
  show(context.terminal, page, () =>
    table(
      context.terminal,
      ['name', 'type', 'default', 'url', 'active', 'slot'],
      page.items.map((environment) => [
        environment.name,
        environment.type,
        environment.isDefault ? 'yes' : '',
        environment.url ?? '',
        environment.active ?? '',
        environment.slot.owner ?? 'free',
      ]),
    ),
  );
}

async function showOne(context: CommandContext, name: string, options: InProject): Promise<void> {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  const environment = unwrap(await slipway.environments.get(id, name, { signal: context.signal }));
  show(context.terminal, environment, () => facts(factsOf(environment)));
}

/** What files say; the hooks of one file are not mixed with those of another. */
async function givenIn(options: FieldOptions): Promise<Record<string, unknown>> {
  const given = options.file === undefined ? {} : await objectIn(options.file);
  const hooks = await hooksIn(options.hooks);
  return hooks === undefined ? given : { ...given, hooks };
}

async function create(context: CommandContext, name: string, options: FieldOptions): Promise<void> {
  const given = await givenIn(options);
  // The service checks every field.
  const body = { type: 'staging', ...patchOf(FIELDS, options, given), name } as NewEnvironment;
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  const made = unwrap(await slipway.environments.create(id, body, { signal: context.signal }));
  show(context.terminal, made, () => `Created environment ${made.name} (${made.type}).`);
}

async function update(context: CommandContext, name: string, options: FieldOptions): Promise<void> {
  const given = await givenIn(options);
  const changes = patchOf(FIELDS, options, given);
  if (Object.keys(changes).length === 0)
    throw usage('Name what changes, for example --health-path /up. "slipway envs update --help" lists it.');
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  const made = unwrap(await slipway.environments.update(id, name, changes, { signal: context.signal }));
  show(context.terminal, made, () => `Changed environment ${made.name}. The next deployment uses it.`);
}

async function remove(
  context: CommandContext,
  name: string,
  options: InProject & { leaveReleases?: boolean },
): Promise<void> {
  const { leaveReleases } = options;
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  unwrap(await slipway.environments.delete(id, name, { leaveReleases, signal: context.signal }));
  show(context.terminal, { deleted: name }, () => `Deleted environment ${name}.`);
}
