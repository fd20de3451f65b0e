import { unwrap } from '../../result.ts';
import { type CommandContext, client, environmentNamed, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { readValue } from '../input.ts';
import { show, table } from '../output.ts';
import type { Register } from './command.ts';

const USES = ['build', 'runtime', 'both'] as const;
const isUse = (text: string): text is (typeof USES)[number] => USES.some((use) => use === text);

interface InEnvironment {
  readonly project: string;
  readonly env?: string;
}

export const registerVariables: Register = (program, run) => {
  const project = ['--project <project>', 'name or id of the project'] as const;
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

async function place(context: CommandContext, options: InEnvironment) {
  const slipway = await client(context);
  const { id } = await projectNamed(slipway, options.project, context.signal);
  return { slipway, id, env: await environmentNamed(slipway, id, options.env, context.signal) };
}

async function listVariables(context: CommandContext, options: InEnvironment): Promise<void> {
  const { slipway, id, env } = await place(context, options);
  const page = unwrap(await slipway.environments.variables(id, env, { signal: context.signal }));
  show(context.terminal, page, () =>
    page.items.length === 0
      ? `No variable in ${env} yet. "slipway vars set <KEY=value> --project ${options.project}" sets one.`
      : table(
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
