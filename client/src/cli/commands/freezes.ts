import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { show, table } from '../output.ts';
import type { Register } from './command.ts';

const TYPES = ['production', 'staging', 'preview', 'development', 'testing'] as const;
type EnvironmentType = (typeof TYPES)[number];

export const registerFreezes: Register = (program, run) => {
  const freeze = program.command('freeze').description('times in which what is due is held');
  freeze
    .command('list', { isDefault: true })
    .description('all freezes, with when each holds next')
    .action(run(list));
  freeze
    .command('create')
    .description('hold what is due from one moment to another, or again by a rule')
    .requiredOption('--from <time>', 'when it begins: 2026-12-24T12:00Z, or now')
    .requiredOption('--to <time>', 'when it ends')
    .requiredOption('--reason <text>', 'shown on what it holds')
    .option('--project <project>', 'of one project only')
    .option('--type <type...>', `of environments of these types only: ${TYPES.join(', ')}`)
    .option('--rrule <rule>', 'when it comes again (RFC 5545): FREQ=WEEKLY;BYDAY=FR')
    .option('--timezone <zone>', 'whose days the rule means: Europe/Berlin', 'UTC')
    .action(run(create));
  freeze.command('delete <id>').description('end it; what it held goes on in order').action(run(remove));
  freeze
    .command('override <id>')
    .description('let one deployment pass in spite of it')
    .requiredOption('--deployment <id>', 'the deployment')
    .requiredOption('--reason <text>', 'kept on the deployment')
    .action(run(override));
};

async function list(context: CommandContext): Promise<void> {
  const slipway = await client(context);
  const page = unwrap(await slipway.freezes.list({ limit: 100, signal: context.signal }));
  show(context.terminal, page, () =>
    page.items.length === 0
      ? 'No freezes. "slipway freeze create" makes one.'
      : table(
          context.terminal,
          ['id', 'holds', 'from', 'to', 'of', 'reason'],
          page.items.map(({ id, active, next, scope, reason }) => [
            id,
            next === undefined ? 'over' : active ? 'now' : 'later',
            next?.from ?? '',
            next?.to ?? '',
            [scope.projectId ?? 'everything', ...(scope.environmentTypes ?? [])].join(' '),
            reason,
          ]),
        ),
  );
}

interface CreateOptions {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly project?: string;
  readonly type?: readonly string[];
  readonly rrule?: string;
  readonly timezone: string;
}

async function create(context: CommandContext, options: CreateOptions): Promise<void> {
  const { reason, rrule, timezone, type } = options;
  const from = instant(context, '--from', options.from);
  const to = instant(context, '--to', options.to);
  const environmentTypes = type?.map(typeNamed);
  const slipway = await client(context);
  const project =
    options.project === undefined ? undefined : await projectNamed(slipway, options.project, context.signal);
  const scope = {
    ...(project === undefined ? {} : { projectId: project.id }),
    ...(environmentTypes === undefined ? {} : { environmentTypes }),
  };
  const body = { scope, from, to, reason, timezone, ...(rrule === undefined ? {} : { rrule }) };
  const made = unwrap(await slipway.freezes.create(body, { signal: context.signal }));
  show(context.terminal, made, () =>
    made.next === undefined
      ? `Created freeze ${made.id}.`
      : `Created freeze ${made.id}: it holds from ${made.next.from} to ${made.next.to}.`,
  );
}

function typeNamed(text: string): EnvironmentType {
  const known = TYPES.find((type) => type === text);
  if (known === undefined) throw usage(`--type is one of ${TYPES.join(', ')}.`);
  return known;
}

/** The moment as the API takes it; `now` and anything that a date can be read from. */
function instant(context: CommandContext, option: string, text: string): string {
  const moment = text === 'now' ? context.now() : Date.parse(text);
  if (Number.isNaN(moment)) throw usage(`${option} is a time such as 2026-12-24T12:00Z.`);
  return new Date(moment).toISOString();
}

async function remove(context: CommandContext, id: string): Promise<void> {
  const slipway = await client(context);
  unwrap(await slipway.freezes.delete(id, { signal: context.signal }));
  show(context.terminal, { deleted: id }, () => `Ended freeze ${id}.`);
}

async function override(
  context: CommandContext,
  id: string,
  { deployment: deploymentId, reason }: { deployment: string; reason: string },
): Promise<void> {
  const slipway = await client(context);
  const done = unwrap(
    await slipway.freezes.override(id, { deploymentId, reason }, { signal: context.signal }),
  );
  show(context.terminal, done, () => `Deployment ${deploymentId} passes in spite of freeze ${id}.`);
}
