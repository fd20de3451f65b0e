import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { show, table } from '../output.ts';
import type { Register } from './command.ts';

export const registerSchedules: Register = (program, run) => {
  const schedule = program.command('schedule').description('deployments that are planned');
  schedule
    .command('list', { isDefault: true })
    .description('what is planned, and what came of it')
    .option('--project <project>', 'of one project only')
    .action(run(list));
  schedule
    .command('create')
    .description('plan a deployment')
    .requiredOption('--project <project>', 'name or id of the project')
    .option('--env <name>', 'the default environment where it is left out')
    .option('--at <time>', 'once: 2026-12-24T03:00Z, at least five minutes ahead')
    .option('--cron <expression>', 'again and again: "0 3 * * 1-5"')
    .option('--timezone <zone>', 'whose hours the expression means: Europe/Berlin')
    .option('--branch <name>', 'what is deployed; the default branch where it is left out')
    .option('--version-id <id>', 'a version instead of a branch')
    .option('--message <text>', 'kept on the deployment')
    .option('--auto-cancel', 'with --at: not when a newer deployment went live meanwhile')
    .option('--notify-before <seconds>', 'announce it so long before')
    .option('--window <seconds>', 'how late it may begin')
    .option('--no-validate', 'plan it although it could not begin now')
    .action(run(create));
  schedule
    .command('update <id>')
    .description('change when it comes')
    .option('--at <time>', 'its new moment')
    .option('--cron <expression>', 'its new expression')
    .option('--timezone <zone>', 'whose hours the expression means')
    .action(run(update));
  schedule
    .command('delete <id>')
    .description('take it away, with what waits for its moment')
    .action(run(remove));
};

async function list(context: CommandContext, options: { project?: string }): Promise<void> {
  const slipway = await client(context);
  const { signal } = context;
  const project =
    options.project === undefined ? undefined : await projectNamed(slipway, options.project, signal);
  const page = unwrap(await slipway.schedules.list({ projectId: project?.id, limit: 100, signal }));
  show(context.terminal, page, () =>
    page.items.length === 0
      ? 'Nothing is planned. "slipway schedule create" plans a deployment.'
      : table(
          context.terminal,
          ['id', 'next', 'when', 'environment', 'last', 'deployment'],
          page.items.map((one) => [
            one.id,
            one.nextAt ?? 'over',
            one.cron === undefined ? 'once' : `${one.cron} ${one.timezone}`,
            one.environment,
            one.last?.outcome ?? '',
            one.last?.deploymentId ?? one.deploymentId ?? '',
          ]),
        ),
  );
}

interface CreateOptions {
  readonly project: string;
  readonly env?: string;
  readonly at?: string;
  readonly cron?: string;
  readonly timezone?: string;
  readonly branch?: string;
  readonly versionId?: string;
  readonly message?: string;
  readonly autoCancel?: boolean;
  readonly notifyBefore?: string;
  readonly window?: string;
  readonly validate: boolean;
}

async function create(context: CommandContext, options: CreateOptions): Promise<void> {
  const { env, cron, timezone, branch, versionId, message, autoCancel } = options;
  if ((options.at === undefined) === (cron === undefined)) throw usage('Say either --at or --cron.');
  const at = options.at === undefined ? undefined : instant(options.at);
  const slipway = await client(context);
  const { id: projectId } = await projectNamed(slipway, options.project, context.signal);
  const made = unwrap(
    await slipway.schedules.create(
      {
        projectId,
        ...(env && { environment: env }),
        ...(at && { at }),
        ...(cron && { cron }),
        ...(timezone && { timezone }),
        ...(branch && { source: { type: 'branch', ref: branch } }),
        ...(versionId && { versionId }),
        ...(message && { message }),
        ...(autoCancel && { autoCancel }),
        ...(options.notifyBefore && { notifyBefore: seconds('--notify-before', options.notifyBefore) }),
        ...(options.window && { window: seconds('--window', options.window) }),
        validateFirst: options.validate,
        method: 'cli',
      },
      { signal: context.signal },
    ),
  );
  const what = made.deploymentId === undefined ? '' : ` as ${made.deploymentId}`;
  show(context.terminal, made, () => `Planned ${made.id}${what}: next at ${made.nextAt ?? 'no time'}.`);
}

async function update(
  context: CommandContext,
  id: string,
  options: { at?: string; cron?: string; timezone?: string },
): Promise<void> {
  const { cron, timezone } = options;
  const at = options.at === undefined ? undefined : instant(options.at);
  const slipway = await client(context);
  const body = { ...(at && { at }), ...(cron && { cron }), ...(timezone && { timezone }) };
  if (Object.keys(body).length === 0) throw usage('Say --at, --cron or --timezone.');
  const changed = unwrap(await slipway.schedules.update(id, body, { signal: context.signal }));
  show(context.terminal, changed, () => `Changed ${id}: next at ${changed.nextAt ?? 'no time'}.`);
}

async function remove(context: CommandContext, id: string): Promise<void> {
  const slipway = await client(context);
  unwrap(await slipway.schedules.delete(id, { signal: context.signal }));
  show(context.terminal, { deleted: id }, () => `Deleted schedule ${id}.`);
}

function instant(text: string): string {
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw usage('--at is a time such as 2026-12-24T03:00Z.');
  return new Date(moment).toISOString();
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw usage(`${option} is a number of seconds.`);
  return value;
}
