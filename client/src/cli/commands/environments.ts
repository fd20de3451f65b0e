import { unwrap } from '../../result.ts';
import { type CommandContext, client, environmentNamed, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { readValue } from '../input.ts';
import { show, table } from '../output.ts';
import type { Register } from './command.ts';

const TYPES = ['production', 'staging', 'preview', 'development', 'testing'] as const;
type EnvironmentType = (typeof TYPES)[number];
const isType = (text: string): text is EnvironmentType => TYPES.some((type) => type === text);

const USES = ['build', 'runtime', 'both'] as const;
const isUse = (text: string): text is (typeof USES)[number] => USES.some((use) => use === text);

interface InProject {
  readonly project: string;
}
interface InEnvironment extends InProject {
  readonly env?: string;
}

export const registerEnvironments: Register = (program, run) => {
  const project = ['--project <project>', 'name or id of the project'] as const;
  const envs = program.command('envs').description('environments of a project');
  envs
    .command('list', { isDefault: true })
    .description('all environments')
    .requiredOption(...project)
    .action(run(list));
  envs
    .command('create <name>')
    .description('add an environment')
    .requiredOption(...project)
    .option('--type <type>', TYPES.join(', '), 'staging')
    .action(run(create));
  envs
    .command('delete <name>')
    .description('delete one that serves nothing')
    .requiredOption(...project)
    .option('--leave-releases', 'also one that serves a release, which stays online')
    .action(run(remove));

  const env = ['--env <name>', 'the default environment where it is left out'] as const;
  const vars = program.command('vars').description('variables of an environment');
  vars
    .command('list', { isDefault: true })
    .description('names, and values of plain ones')
    .requiredOption(...project)
    .option(...env)
    .action(run(listVariables));
  vars
    .command('set <assignment>')
    .description('KEY=value, or KEY alone to read the value from standard input')
    .requiredOption(...project)
    .option(...env)
    .option('--sensitive', 'stored encrypted, never shown again, masked in logs')
    .option('--use <use>', 'build, runtime or both', 'both')
    .action(run(setVariable));
  vars
    .command('delete <key>')
    .description('take a variable away')
    .requiredOption(...project)
    .option(...env)
    .action(run(removeVariable));
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

async function create(
  context: CommandContext,
  name: string,
  options: InProject & { type: string },
): Promise<void> {
  if (!isType(options.type)) throw usage(`--type is one of ${TYPES.join(', ')}.`);
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  const made = unwrap(
    await slipway.environments.create(id, { name, type: options.type }, { signal: context.signal }),
  );
  show(context.terminal, made, () => `Created environment ${made.name}.`);
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

async function place(context: CommandContext, options: InEnvironment) {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  return { slipway, id, env: await environmentNamed(slipway, id, options.env, context.signal) };
}

async function listVariables(context: CommandContext, options: InEnvironment): Promise<void> {
  const { slipway, id, env } = await place(context, options);
  const page = unwrap(await slipway.environments.variables(id, env, { signal: context.signal }));
  show(context.terminal, page, () =>
    table(
      context.terminal,
      ['key', 'use', 'revision', 'value'],
      page.items.map((variable) => [
        variable.key,
        variable.use,
        String(variable.revision),
        variable.sensitive ? '(sensitive)' : (variable.value ?? ''),
      ]),
    ),
  );
}

async function setVariable(
  context: CommandContext,
  assignment: string,
  options: InEnvironment & { sensitive?: boolean; use: string },
): Promise<void> {
  const { use } = options;
  if (!isUse(use)) throw usage('--use is build, runtime or both.');
  const equals = assignment.indexOf('=');
  const key = equals < 0 ? assignment : assignment.slice(0, equals);
  const value = equals < 0 ? await standardInput(context, key) : assignment.slice(equals + 1);
  const { slipway, id, env } = await place(context, options);
  const body = { value, use, sensitive: options.sensitive ?? false };
  const set = unwrap(await slipway.environments.setVariable(id, env, key, body, { signal: context.signal }));
  show(
    context.terminal,
    set,
    () => `Set ${set.key} in ${env} (revision ${set.revision}). The next deployment uses it.`,
  );
}

async function standardInput({ terminal, signal }: CommandContext, key: string): Promise<string> {
  const value = await readValue(process.stdin, () => terminal.err(`Value of ${key} (not shown): `), signal);
  if (process.stdin.isTTY) terminal.err('\n');
  return value;
}

async function removeVariable(context: CommandContext, key: string, options: InEnvironment): Promise<void> {
  const { slipway, id, env } = await place(context, options);
  unwrap(await slipway.environments.deleteVariable(id, env, key, { signal: context.signal }));
  show(context.terminal, { deleted: key }, () => `Deleted ${key} from ${env}.`);
}
