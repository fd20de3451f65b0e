import type { ProjectView } from '../../../../shared/contracts/projects.ts';
import type { NewProject } from '../../resources/projects.ts';
import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { addFields, type Field, objectIn, patchOf } from '../fields.ts';
import { ago, facts, show, table } from '../output.ts';
import type { Register } from './command.ts';

const FIELDS: readonly Field[] = [
  {
    flags: '--repo <url>',
    description: 'git repository to build from',
    path: ['repository', 'url'],
    removes: ['repository'],
  },
  {
    flags: '--branch <name>',
    description: 'branch that is deployed where none is named',
    path: ['repository', 'defaultBranch'],
  },
  {
    flags: '--credential <variable>',
    description: 'sensitive variable with the token or SSH key of the repository',
    path: ['repository', 'credential'],
  },
  {
    flags: '--fallback <spa|404>',
    description: 'what a site answers for a page it does not have',
    path: ['target', 'fallback'],
  },
  { flags: '--url <url>', description: 'base address of a custom target', path: ['target', 'url'] },
  {
    flags: '--secret <variable>',
    description: 'sensitive variable with the signing secret of a custom target',
    path: ['target', 'secret'],
  },
  {
    flags: '--root <folder>',
    description: 'folder of the repository that is built',
    path: ['build', 'rootDirectory'],
  },
  {
    flags: '--install <command>',
    description: 'instead of the one that the lock file asks for',
    path: ['build', 'installCommand'],
  },
  {
    flags: '--build <command>',
    description: 'instead of the build script',
    path: ['build', 'buildCommand'],
  },
  {
    flags: '--output <folder>',
    description: 'folder with the built files',
    path: ['build', 'outputDirectory'],
  },
  { flags: '--node <version>', description: 'version of Node that builds', path: ['build', 'nodeVersion'] },
  {
    flags: '--framework <name>',
    description: 'tells where the built files are, where that is not seen',
    path: ['build', 'framework'],
  },
  {
    flags: '--require <variables>',
    description: 'variables that an environment must have, with commas between them',
    path: ['requiredVariables'],
    as: 'list',
  },
  {
    flags: '--runner <kind>',
    description: 'codebuild or agent; else what the installation is set to',
    path: ['settings', 'runner', 'kind'],
    removes: ['settings', 'runner'],
  },
  {
    flags: '--label <label>',
    description: 'of the agents that build it',
    path: ['settings', 'runner', 'label'],
  },
];

type FieldOptions = Readonly<Record<string, string>> & { readonly file?: string };

export const registerProjects: Register = (program, run) => {
  const projects = program
    .command('projects')
    .description('what is deployed, and from where')
    .action(run(list));
  projects.command('list').description('all projects').action(run(list));
  addFields(
    projects
      .command('create <name>')
      .description('register a project')
      .option('--target <kind>', 'site or custom', 'site')
      .option('--file <json>', 'read the project from a JSON file, as POST /v1/projects takes it'),
    FIELDS,
  ).action(run(create));
  projects.command('show <project>').description('one project, by name or id').action(run(showOne));
  addFields(
    projects
      .command('update <project>')
      .description('change what is named; an empty text ("") takes a setting away')
      .option('--file <json>', 'read the changes from a JSON file, a merge patch (RFC 7396)'),
    FIELDS,
  ).action(run(update));
  projects
    .command('delete <project>')
    .description('delete a project that is not live anywhere')
    .option('--leave-releases', 'also one that is live; what is served stays online')
    .action(run(remove));
};

async function list(context: CommandContext): Promise<void> {
  const slipway = await client(context);
  const page = unwrap(await slipway.projects.list({ limit: 100, order: 'asc', signal: context.signal }));
  show(context.terminal, page, () =>
    page.items.length === 0
      ? 'No project yet. "slipway projects create <name> --repo <url>" registers one.'
      : table(
          context.terminal,
          ['name', 'id', 'target', 'online', 'deployed'],
          page.items.map((project) => [
            project.name,
            project.id,
            project.targetKind,
            project.online ? 'yes' : 'no',
            project.deployedAt === undefined ? 'never' : ago(project.deployedAt, context.now()),
          ]),
        ),
  );
}

async function create(
  context: CommandContext,
  name: string,
  options: FieldOptions & { target: string },
): Promise<void> {
  const { target } = options;
  if (target !== 'site' && target !== 'custom')
    throw usage(`--target ${target} is not there; it is site or custom.`);
  const given = options.file === undefined ? {} : await objectIn(options.file);
  const named = patchOf(FIELDS, options, given);
  if (target === 'custom' && !isCustom(named['target']))
    throw usage('A custom target needs --url and --secret.');
  // The service checks every field.
  const body = { ...named, name, target: { kind: target, ...Object(named['target']) } } as NewProject;
  const slipway = await client(context);
  const project = unwrap(await slipway.projects.create(body, { signal: context.signal }));
  const next =
    project.repository === undefined
      ? `Deploy a folder: slipway deploy --project ${project.name} --dir <folder>`
      : `Deploy it: slipway deploy --project ${project.name} --follow`;
  show(context.terminal, project, () => `Created project ${project.name} (${project.id}). ${next}`);
}

const isCustom = (target: unknown) =>
  typeof target === 'object' && target !== null && 'url' in target && 'secret' in target;

async function update(context: CommandContext, idOrName: string, options: FieldOptions): Promise<void> {
  const given = options.file === undefined ? {} : await objectIn(options.file);
  const changes = patchOf(FIELDS, options, given);
  if (Object.keys(changes).length === 0)
    throw usage('Name what changes, for example --branch main. "slipway projects update --help" lists it.');
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, idOrName, context.signal);
  const project = unwrap(await slipway.projects.update(id, changes, { signal: context.signal }));
  show(context.terminal, project, () => `Changed ${project.name}. The next deployment uses it.`);
}

async function showOne(context: CommandContext, idOrName: string): Promise<void> {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, idOrName, context.signal);
  const project = unwrap(await slipway.projects.get(id, { signal: context.signal }));
  show(context.terminal, project, () => facts(rowsOf(project, context.now())));
}

const HEALTH: Readonly<Record<ProjectView['health'], string>> = {
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  unknown: 'health not known',
};

function rowsOf(project: ProjectView, now: number): [string, string | undefined][] {
  const { target, repository, build, deployedAt, deployedBy } = project;
  return [
    ['name', project.name],
    ['id', project.id],
    ['target', Object.values(target).join(', ')],
    ['repository', repository?.url],
    ['branch', repository?.defaultBranch],
    ['credential', repository?.credential],
    ...Object.entries(build ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ['runner', Object.values(project.settings.runner ?? {}).join(' ') || undefined],
    ['depends on', project.dependsOn.join(', ') || undefined],
    ['requires', project.requiredVariables?.join(', ') || undefined],
    ['configuration', compact(project.configuration)],
    ['parameters', compact(project.parameters)],
    ['state', `${project.lifecycle}, ${project.online ? `online, ${HEALTH[project.health]}` : 'not online'}`],
    ['version', project.currentVersion],
    [
      'deployed',
      deployedAt === undefined ? 'never' : `${ago(deployedAt, now)} by ${deployedBy ?? 'unknown'}`,
    ],
  ];
}

const compact = (value: object) => (Object.keys(value).length === 0 ? undefined : JSON.stringify(value));

async function remove(
  context: CommandContext,
  idOrName: string,
  { leaveReleases }: { leaveReleases?: boolean },
): Promise<void> {
  const slipway = await client(context);
  const { id, name } = await projectNamed(slipway, idOrName, context.signal);
  unwrap(await slipway.projects.delete(id, { leaveReleases, signal: context.signal }));
  show(context.terminal, { deleted: id }, () => `Deleted project ${name}.`);
}
