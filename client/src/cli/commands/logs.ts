import { Option } from 'commander';
import type { LogLineView } from '../../../../shared/contracts/logs.ts';
import { LOG_LEVELS, LOG_SOURCES } from '../../../../shared/domain/log.ts';
import type { LineFilter } from '../../realtime/feed.ts';
import { unwrap } from '../../result.ts';
import type { Slipway } from '../../slipway.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { lastLines } from '../last-lines.ts';
import { formatLine } from '../live/line.ts';
import { watch } from '../live/watch.ts';
import { colored } from '../output.ts';
import { sinceTime } from '../since.ts';
import { jsonText } from '../visible.ts';
import { wholeNumber } from '../whole-number.ts';
import type { Register } from './command.ts';
import { addPurge } from './purge-log.ts';
import { verifyLog } from './verify-log.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly level?: LineFilter['level'];
  readonly step?: string;
  readonly source?: LineFilter['source'];
  readonly grep?: string;
  readonly since?: string;
  readonly tail?: string;
  readonly verify?: boolean;
}

/** More is read without --tail. */
const MOST_TAIL = 100_000;

export const registerLogs: Register = (program, run) => {
  const logsCommand = program
    .command('logs')
    .addArgument(deploymentArgument())
    .description('log of a deployment')
    .option('-f, --follow', 'go on until the log ends; reconnects by itself')
    .addOption(new Option('--level <level>', 'this level and above').choices(LOG_LEVELS))
    .option('--step <step>', 'lines of one step, for example build')
    .addOption(new Option('--source <source>', 'lines from there only').choices(LOG_SOURCES))
    .option('--grep <text>', 'lines that hold this text, whatever its case')
    .option('--since <time>', 'lines from then on: 10m (ago), 2h, 1d, or a time in ISO 8601')
    .option('--tail <n>', 'the last n lines of those')
    .option('--verify', 'prove that the log is whole: recompute its hash chain')
    .action(run(logs));
  addPurge(logsCommand, run);
};

async function logs(context: CommandContext, id: string, options: LogsOptions): Promise<void> {
  const filter = filterOf(options, context.now());
  const tail = options.tail === undefined ? undefined : wholeNumber('--tail', options.tail, 1, MOST_TAIL);
  const slipway = await client(context);
  if (options.verify) return verifyLog(context, slipway, id);
  const { signal } = context;
  const print = printer(context, filter);
  let after = 0;
  if (tail !== undefined) {
    const last = await lastLines(slipway, id, { ...filter, tail, signal });
    for (const line of last.lines) print(line);
    after = last.through;
  }
  if (options.follow) await follow(context, slipway, id, { filter, after });
  else if (tail === undefined)
    for await (const line of slipway.deployments.logs(id, { ...filter, follow: false, signal })) print(line);
}

const printer =
  ({ terminal }: CommandContext, { search }: LineFilter) =>
  (line: LogLineView) =>
    terminal.out(`${terminal.json ? jsonText(line) : formatLine(line, terminal.colors, search)}\n`);

function filterOf(options: LogsOptions, now: number): LineFilter {
  const { level, step, source, grep: search, since } = options;
  return { level, step, source, search, since: since === undefined ? undefined : sinceTime(since, now) };
}

async function follow(
  context: CommandContext,
  slipway: Slipway,
  id: string,
  { filter, after }: { readonly filter: LineFilter; readonly after: number },
): Promise<void> {
  const { terminal, signal } = context;
  // A wrong address or id is told at once: what follows waits for a service that was there to come back.
  unwrap(await slipway.deployments.get(id, { signal }));
  if (!terminal.interactive) {
    const print = printer(context, filter);
    for await (const line of slipway.deployments.logs(id, { ...filter, after, signal })) print(line);
    return;
  }
  const last = await watch(context, slipway, id, { ...filter, after });
  if (last !== undefined) terminal.out(`${colored(last)}: the log of ${id} has ended.\n`);
}
