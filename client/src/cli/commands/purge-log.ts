import type { Command } from 'commander';
import type { PurgeAnswer } from '../../../../shared/contracts/logs.ts';
import { unwrap } from '../../result.ts';
import type { Slipway } from '../../slipway.ts';
import { pause } from '../../time.ts';
import { type CommandContext, client } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { show } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';
import type { Run } from './command.ts';

interface PurgeOptions {
  readonly from: string;
  readonly to?: string;
  readonly reason: string;
  readonly wait?: boolean;
}

const MOST_LINES = 999_999_999;
/** How often it is looked whether copies are left (ms). */
const LOOK_EVERY_MS = 2000;

export function addPurge(logs: Command, run: Run): void {
  logs
    .command('purge')
    .addArgument(deploymentArgument())
    .description('have the text of some lines removed everywhere, where a secret leaked')
    .requiredOption('--from <n>', 'number of the first line (logs --json shows it as n)')
    .option('--to <n>', 'number of the last line; the first alone where it is left out')
    .requiredOption('--reason <text>', 'for everybody who finds them gone; must not repeat what they said')
    .option('--wait', 'wait until no copy is left')
    .action(run(purge));
}

async function purge(context: CommandContext, id: string, options: PurgeOptions): Promise<void> {
  const from = wholeNumber('--from', options.from, 1, MOST_LINES);
  const to = options.to === undefined ? from : wholeNumber('--to', options.to, from, MOST_LINES);
  const slipway = await client(context);
  const { signal } = context;
  const asked = unwrap(
    await slipway.deployments.purgeLog(id, { from, to, reason: options.reason }, { signal }),
  );
  const purged = options.wait ? await done(slipway, asked, signal) : asked;
  show(context.terminal, purged, () => wordsFor(purged));
}

function wordsFor({ deploymentId, from, to, doneAt }: PurgeAnswer): string {
  const lines = from === to ? `line ${from}` : `lines ${from} to ${to}`;
  const copies =
    doneAt === undefined ? 'Copies are being removed; --wait waits for the last.' : 'No copy is left.';
  return `Nobody is shown ${lines} of ${deploymentId} any more. ${copies} Change what leaked: somebody may have read it.`;
}

/** The same purge once it is done, as the record says it. */
async function done(slipway: Slipway, asked: PurgeAnswer, signal: AbortSignal): Promise<PurgeAnswer> {
  for (;;) {
    const { purges = [] } = unwrap(await slipway.deployments.get(asked.deploymentId, { signal }));
    const found = purges.find(
      ({ at, from, to }) => at === asked.at && from === asked.from && to === asked.to,
    );
    if (found?.doneAt !== undefined) return { ...asked, doneAt: found.doneAt };
    await pause(LOOK_EVERY_MS, signal);
  }
}
