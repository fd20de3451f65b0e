import { readFile } from 'node:fs/promises';
import type { NewProject } from '../../resources/projects.ts';
import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { ago, show, table } from '../output.ts';
import type { Register } from './command.ts';

interface CreateOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly credential?: string;
  readonly target: string;
  readonly root?: string;
  readonly install?: string;
  readonly build?: string;
  readonly output?: string;
  readonly fallback?: string;
  readonly url?: string;
  readonly secret?: string;
  readonly file?: string;
}

export const registerProjects: Register = (program, run) => {
  const projects = program
    .command('projects')
    .description('what is deployed, and from where')
    .action(run(list));
  projects.command('list').description('all projects').action(run(list));
  projects
    .command('create <name>')
    .description('register a project')
    .option('--repo <url>', 'git repository to build from')
    .option('--branch <name>', 'branch that is deployed where none is named', undefined)
    .option('--credential <variable>', 'sensitive variable with the token or SSH key of the repository')
    .option('--target <kind>', 'site or custom', 'site')
    .option('--fallback <spa|404>', 'what a site answers for a page it does not have')
    .option('--url <url>', 'base address of a custom target')
    .option('--secret <variable>', 'sensitive variable with the signing secret of a custom target')
    .option('--root <folder>', 'folder of the repository that is built')
    .option('--install <command>', 'instead of the one that the lock file asks for')
    .option('--build <command>', 'instead of the build script')
    .option('--output <folder>', 'folder with the built files')
    .option('--file <json>', 'read the whole project from a JSON file, as POST /v1/projects takes it')
    .action(run(create));
  projects.command('show <project>').description('one project, by name or id').action(run(showOne));
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

async function create(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const body = options.file === undefined ? requestOf(name, options) : await fromFile(name, options.file);
  const slipway = await client(context);
  const project = unwrap(await slipway.projects.create(body, { signal: context.signal }));
  show(
    context.terminal,
    project,
    () =>
      `Created project ${project.name} (${project.id}). Deploy it: slipway deploy --project ${project.name}`,
  );
}

function requestOf(name: string, options: CreateOptions): NewProject {
  const { repo, branch, credential, root, install, build, output } = options;
  return {
    name,
    target: targetOf(options),
    ...(repo === undefined
      ? {}
      : {
          repository: {
            url: repo,
            ...(branch && { defaultBranch: branch }),
            ...(credential && { credential }),
          },
        }),
    ...(root || install || build || output
      ? {
          build: {
            ...(root && { rootDirectory: root }),
            ...(install && { installCommand: install }),
            ...(build && { buildCommand: build }),
            ...(output && { outputDirectory: output }),
          },
        }
      : {}),
  };
}

function targetOf({ target, fallback, url, secret }: CreateOptions): NewProject['target'] {
  if (target === 'site') {
    if (fallback !== undefined && fallback !== 'spa' && fallback !== '404')
      throw usage('--fallback is spa or 404.');
    return { kind: 'site', ...(fallback === undefined ? {} : { fallback }) };
  }
  if (target !== 'custom') throw usage(`--target ${target} is not there; it is site or custom.`);
  if (url === undefined || secret === undefined) throw usage('A custom target needs --url and --secret.');
  return { kind: 'custom', url, secret };
}

async function fromFile(name: string, path: string): Promise<NewProject> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw usage(`The file ${path} cannot be read.`);
  });
  try {
    // The service checks every field; here only that it is JSON.
    return { ...(JSON.parse(text) as NewProject), name };
  } catch {
    throw usage(`The file ${path} is not JSON.`);
  }
}

async function showOne(context: CommandContext, idOrName: string): Promise<void> {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, idOrName, context.signal);
  const project = unwrap(await slipway.projects.get(id, { signal: context.signal }));
  show(context.terminal, project, () => JSON.stringify(project, null, 2));
}

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
