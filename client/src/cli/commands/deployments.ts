import pc from 'picocolors';
import type { DeploymentStatusView } from '../../../../shared/contracts/deployments.ts';
import type { LogLineView } from '../../../../shared/contracts/logs.ts';
import { LogVerifier } from '../../logs/verify.ts';
import type { FollowOptions } from '../../resources/deployments.ts';
import { unwrap } from '../../result.ts';
import type { Slipway } from '../../slipway.ts';
import { askedText } from '../asked.ts';
import { type CommandContext, client, projectNamed } from '../context.ts';
import { CommandEnd, EXIT, usage } from '../exit.ts';
import { formatLine } from '../live.ts';
import { ago, colored, duration, errorText, show, table } from '../output.ts';
import type { Register } from './command.ts';

interface ListOptions {
  readonly project?: string;
  readonly env?: string;
  readonly status?: string;
  readonly stage?: string;
  readonly ref?: string;
  readonly by?: string;
  readonly type?: string;
  readonly sort?: string;
  readonly limit?: string;
}

interface LogsOptions {
  readonly follow?: boolean;
  readonly level?: string;
  readonly step?: string;
  readonly source?: string;
  readonly grep?: string;
  readonly since?: string;
  readonly tail?: string;
  readonly verify?: boolean;
}

export const registerDeployments: Register = (program, run) => {
  program
    .command('list')
    .description('deployments, newest first')
    .option('--project <project>', 'name or id of a project')
    .option('--env <name>', 'environment')
    .option('--status <status>', 'for example failed, or several with commas between')
    .option('--stage <stage>', 'gate, build, release, verify, activate or settle')
    .option('--ref <ref>', 'branch, tag or commit that it was started with')
    .option('--by <who>', 'who started it')
    .option('--type <type>', 'deploy or rollback')
    .option('--sort <moment>', 'created, or with --project started or finished', 'created')
    .option('--limit <n>', 'how many, 1-100', '20')
    .action(run(list));
  program.command('status <deployment>').description('where a deployment stands').action(run(status));
  program
    .command('logs <deployment>')
    .description('log of a deployment')
    .option('-f, --follow', 'go on until the log ends; reconnects by itself')
    .option('--level <level>', 'this level and above: debug, info, warn, error')
    .option('--step <step>', 'lines of one step, for example build')
    .option('--source <source>', 'build, deploy or system')
    .option('--grep <text>', 'lines that hold this text')
    .option('--since <time>', 'lines from this time on (ISO 8601)')
    .option('--tail <n>', 'the last n lines')
    .option('--verify', 'prove that the log is whole: recompute its hash chain')
    .action(run(logs));
};

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw usage('--limit is a whole number from 1 to 100.');
  const { sort: sortBy } = options;
  if (sortBy !== 'created' && sortBy !== 'started' && sortBy !== 'finished')
    throw usage('--sort is created, started or finished.');
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
      sortBy,
      limit,
      signal: context.signal,
    }),
  );
  const names = context.terminal.json ? undefined : await projectNames(context, slipway);
  show(context.terminal, page, () =>
    page.items.length === 0
      ? 'No deployment to show. "slipway deploy --project <name>" starts one.'
      : table(
          context.terminal,
          ['deployment', 'status', 'project', 'environment', 'started', 'live', 'took', 'version', 'message'],
          page.items.map((row) => [
            row.id,
            colored(row.status),
            names?.get(row.projectId) ?? row.projectId,
            row.environment,
            ago(row.createdAt, context.now()),
            row.releaseState === 'none' ? '' : row.releaseState,
            row.durationSeconds === undefined ? `${row.progress}%` : duration(row.durationSeconds),
            `#${row.versionNumber}`,
            row.message ?? '',
          ]),
        ),
  );
}

/** Names by id; a project that is not among the first hundred is shown by its id. */
async function projectNames(context: CommandContext, slipway: Slipway): Promise<Map<string, string>> {
  const page = unwrap(await slipway.projects.list({ limit: 100, signal: context.signal }));
  return new Map(page.items.map(({ id, name }) => [id, name]));
}

async function status(context: CommandContext, id: string): Promise<void> {
  const slipway = await client(context);
  const now = unwrap(await slipway.deployments.status(id, { signal: context.signal }));
  const waits = now.status === 'awaiting-approval' && !context.terminal.json;
  const asked = waits ? askedText(unwrap(await slipway.deployments.get(id, { signal: context.signal }))) : [];
  show(context.terminal, now, () => [statusText(now), ...asked].join('\n'));
}

function statusText(now: DeploymentStatusView): string {
  const { status: word, progress, stage, currentStep, message, queue, url, error, health } = now;
  const isOver = currentStep === 'done';
  const doing = `${message ?? currentStep}${queue === undefined ? '' : `, at position ${queue.position}`}`;
  const live = now.releaseState === 'none' ? '' : `, ${now.releaseState}`;
  const where = isOver ? `${progress}%${live}` : `${progress}% (${stage}): ${doing}`;
  const served = url === undefined || now.releaseState !== 'active' ? [] : [pc.bold(url)];
  const ill = health.state === 'unhealthy' ? [pc.red(`unhealthy: ${health.message}`)] : [];
  return [
    `${colored(word)} ${where}`,
    ...paceText(now),
    ...served,
    ...ill,
    ...(error === undefined ? [] : errorText(error)),
  ].join('\n');
}

/** How long it runs, how long it will take, and what it says. */
function paceText({ liveMetrics, estimatedRemainingSeconds }: DeploymentStatusView): string[] {
  if (liveMetrics === undefined) return [];
  const { elapsedSeconds, lines, linesPerSecond } = liveMetrics;
  const left =
    estimatedRemainingSeconds === undefined ? '' : `, about ${duration(estimatedRemainingSeconds)} left`;
  const pace = linesPerSecond === 0 ? '' : ` (${linesPerSecond} a second)`;
  return [pc.dim(`${duration(elapsedSeconds)} so far${left}; ${lines} lines of log${pace}`)];
}

async function logs(context: CommandContext, id: string, options: LogsOptions): Promise<void> {
  const slipway = await client(context);
  if (options.verify) return verify(context, slipway, id);
  const print = (line: LogLineView) =>
    context.terminal.out(
      context.terminal.json
        ? `${JSON.stringify(line)}\n`
        : `${formatLine(line, context.terminal.interactive)}\n`,
    );
  const wanted = (line: LogLineView) => options.grep === undefined || line.message.includes(options.grep);
  const filters = filtersOf(options);
  let after = 0;
  if (options.tail !== undefined) {
    const tail = Number(options.tail);
    if (!Number.isInteger(tail) || tail < 1 || tail > 1000)
      throw usage('--tail is a whole number from 1 to 1000.');
    const { follow: _, ...query } = filters;
    // The last n of the lines that are asked for, not what of the last n is asked for.
    const page = unwrap(
      await slipway.deployments.logPage(id, {
        ...query,
        search: options.grep,
        tail,
        signal: context.signal,
      }),
    );
    for (const line of page.items) if (wanted(line)) print(line);
    if (!options.follow) return;
    after = page.items.at(-1)?.n ?? 0;
  }
  for await (const line of slipway.deployments.logs(id, { ...filters, after, signal: context.signal })) {
    if (wanted(line)) print(line);
  }
}

function filtersOf(options: LogsOptions): FollowOptions {
  const { level, source, since } = options;
  if (level !== undefined && level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error') {
    throw usage('--level is debug, info, warn or error.');
  }
  if (source !== undefined && source !== 'build' && source !== 'deploy' && source !== 'system') {
    throw usage('--source is build, deploy or system.');
  }
  if (since !== undefined && Number.isNaN(Date.parse(since))) throw usage('--since is a time in ISO 8601.');
  return {
    follow: options.follow ?? false,
    level,
    source,
    step: options.step,
    since: since === undefined ? undefined : new Date(since).toISOString(),
  };
}

async function verify(context: CommandContext, slipway: Slipway, id: string): Promise<void> {
  const verifier = new LogVerifier();
  let lines = 0;
  for await (const event of slipway.deployments.events(id, { signal: context.signal })) {
    if (event.kind === 'line') {
      await verifier.add(event.line);
      lines = event.line.n;
    }
    if (event.kind !== 'end') continue;
    if (!verifier.agrees(event)) {
      throw new CommandEnd(
        EXIT.failed,
        `The log of ${id} is not whole: its ${lines} lines do not give the hash that it ended with.`,
      );
    }
    show(
      context.terminal,
      { complete: true, lines, hash: event.hash },
      () => `Complete: ${lines} lines, hash ${event.hash}.`,
    );
  }
}
