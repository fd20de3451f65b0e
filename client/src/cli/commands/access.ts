import { unwrap } from '../../result.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { usage } from '../exit.ts';
import { ago, show, table } from '../output.ts';
import type { Register } from './command.ts';

const ROLES = ['viewer', 'deployer', 'approver', 'admin'] as const;
type Role = (typeof ROLES)[number];
const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

export const registerTokens: Register = (program, run) => {
  const tokens = program.command('tokens').description('who may call the API');
  tokens
    .command('list', { isDefault: true })
    .description('all tokens, without their secrets')
    .action(run(list));
  tokens
    .command('create <name>')
    .description('make a token; it is shown once')
    .requiredOption('--role <role>', ROLES.join(', '))
    .option('--project <project>', 'for one project only')
    .option('--env <name>', 'for one environment only')
    .option('--subject <subject>', 'who the token stands for')
    .option('--expires <days>', 'days until it expires')
    .action(run(create));
  tokens.command('delete <id>').description('take a token away').action(run(remove));
};

async function list(context: CommandContext): Promise<void> {
  const slipway = await client(context);
  const page = unwrap(await slipway.tokens.list({ limit: 100, signal: context.signal }));
  show(context.terminal, page, () =>
    table(
      context.terminal,
      ['name', 'id', 'kind', 'created', 'grants', 'subject'],
      page.items.map((token) => [
        token.name,
        token.id,
        token.kind,
        ago(token.createdAt, context.now()),
        token.grants
          .map((grant) => [grant.role, grant.projectId, grant.environment].filter(Boolean).join(' '))
          .join(', '),
        token.subject,
      ]),
    ),
  );
}

interface CreateOptions {
  readonly role: string;
  readonly project?: string;
  readonly env?: string;
  readonly subject?: string;
  readonly expires?: string;
}

async function create(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  if (!isRole(options.role)) throw usage(`--role is one of ${ROLES.join(', ')}.`);
  const days = options.expires === undefined ? undefined : Number(options.expires);
  if (days !== undefined && !(days > 0)) throw usage('--expires is a number of days.');
  const slipway = await client(context);
  const project =
    options.project === undefined ? undefined : await projectNamed(slipway, options.project, context.signal);
  const made = unwrap(
    await slipway.tokens.create(
      {
        name,
        grants: [
          {
            role: options.role,
            ...(project && { projectId: project.id }),
            ...(options.env && { environment: options.env }),
          },
        ],
        ...(options.subject && { subject: options.subject }),
        ...(days === undefined ? {} : { expiresInSeconds: Math.round(days * 86_400) }),
      },
      { signal: context.signal },
    ),
  );
  show(
    context.terminal,
    made,
    () => `${made.token ?? made.notice ?? ''}\nKeep it now: it is not shown again.`,
  );
}

async function remove(context: CommandContext, id: string): Promise<void> {
  const slipway = await client(context);
  unwrap(await slipway.tokens.delete(id, { signal: context.signal }));
  show(context.terminal, { deleted: id }, () => `Deleted token ${id}; it stops working within seconds.`);
}
