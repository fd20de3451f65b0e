import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '../../result.ts';
import { serviceUrl } from '../config.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { CommandEnd, EXIT, usage } from '../exit.ts';
import { ago, show, table } from '../output.ts';
import type { Register } from './command.ts';

interface StartOptions {
  readonly url?: string;
  readonly token?: string;
}
interface CreateOptions {
  readonly label?: string;
  readonly project?: string;
  readonly env?: string;
}

/** How long fetching the program may take. */
const DOWNLOAD_MS = 120_000;

export const registerRunner: Register = (program, run) => {
  const runner = program.command('runner').description('machines of your own that build');
  runner
    .command('list', { isDefault: true })
    .description('all runners and when they last asked for work')
    .action(run(list));
  runner
    .command('create <name>')
    .description('register a runner; its token is shown once')
    .option('--label <label>', 'jobs with this label only')
    .option('--project <project>', 'serves this project only')
    .option('--env <name>', 'and of it this environment only')
    .action(run(create));
  runner
    .command('start')
    .description(
      'run the agent here until Ctrl-C; what follows -- goes to it (see: slipway runner start -- --help)',
    )
    .option('--url <url>', 'address of the API; else SLIPWAY_URL, or where you are logged in')
    .option('--token <token>', 'token of the runner; better SLIPWAY_RUNNER_TOKEN, which ps does not show')
    .argument('[options...]', 'options of the agent')
    .action(run(start));
  runner.command('delete <id>').description('take a runner and its token away').action(run(remove));
};

async function list(context: CommandContext): Promise<void> {
  const slipway = await client(context);
  const page = unwrap(await slipway.runners.list({ limit: 100, signal: context.signal }));
  show(context.terminal, page, () =>
    page.items.length === 0
      ? 'No runner yet. "slipway runner create <name>" registers one.'
      : table(
          context.terminal,
          ['name', 'id', 'last seen', 'label', 'serves'],
          page.items.map((runner) => [
            runner.name,
            runner.id,
            runner.lastSeen === undefined ? 'never' : ago(runner.lastSeen, context.now()),
            runner.label ?? '',
            runner.serves === undefined ? 'everything' : `${runner.serves.length} places`,
          ]),
        ),
  );
}

async function create(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  if (options.env !== undefined && options.project === undefined) throw usage('--env needs --project.');
  const slipway = await client(context);
  const url = await serviceUrl(context.env, context.cwd);
  const project =
    options.project === undefined ? undefined : await projectNamed(slipway, options.project, context.signal);
  const serves = project && [{ projectId: project.id, ...(options.env && { environment: options.env }) }];
  const body = { name, ...(options.label && { label: options.label }), ...(serves && { serves }) };
  const made = unwrap(await slipway.runners.create(body, { signal: context.signal }));
  show(context.terminal, made, () =>
    [
      made.token ?? made.notice ?? '',
      'Keep it now: it is not shown again. Start the agent with it, on the machine that is to build:',
      `  SLIPWAY_URL=${url} SLIPWAY_RUNNER_TOKEN=<token> slipway runner start`,
    ].join('\n'),
  );
}

/** The agent is the very program that CodeBuild runs, as this service hands it out. */
async function start(context: CommandContext, rest: readonly string[], options: StartOptions): Promise<void> {
  const url = options.url?.replace(/\/+$/, '') ?? (await serviceUrl(context.env, context.cwd));
  const token = options.token ?? context.env['SLIPWAY_RUNNER_TOKEN'];
  if (token === undefined)
    throw usage('Set SLIPWAY_RUNNER_TOKEN to the token that "slipway runner create" showed.');
  const folder = await mkdtemp(join(tmpdir(), 'slipway-runner-'));
  try {
    const file = join(folder, 'runner.cjs');
    await writeFile(file, await download(url), { mode: 0o600 });
    const code = await agent(context, file, ['agent', '--url', url, ...rest], token);
    if (code === EXIT.refused)
      throw new CommandEnd(EXIT.refused, 'The agent has ended: the service refuses its token.');
    if (code !== 0 && !context.signal.aborted)
      throw new CommandEnd(EXIT.failed, `The agent ended with exit code ${code}.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(url: string): Promise<Uint8Array> {
  try {
    const answer = await fetch(`${url}/v1/runner/program`, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    throw new CommandEnd(
      EXIT.unreachable,
      `The service did not hand out the runner (${answer.status}). Check the address.`,
    );
  } catch (error) {
    if (error instanceof CommandEnd) throw error;
    throw new CommandEnd(
      EXIT.unreachable,
      `The runner could not be fetched from ${url}. Check the address and the network.`,
    );
  }
}

function agent(
  context: CommandContext,
  file: string,
  args: readonly string[],
  token: string,
): Promise<number> {
  // Of a person's own token the agent has no use, and whatever it runs should have none.
  const { SLIPWAY_TOKEN: _, ...env } = context.env;
  const child = spawn(process.execPath, [file, ...args], {
    stdio: 'inherit',
    env: { ...env, SLIPWAY_RUNNER_TOKEN: token },
  });
  context.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 1)));
  });
}

async function remove(context: CommandContext, id: string): Promise<void> {
  const slipway = await client(context);
  unwrap(await slipway.runners.delete(id, { signal: context.signal }));
  show(context.terminal, { deleted: id }, () => `Deleted runner ${id}.`);
}
