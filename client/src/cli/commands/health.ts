import { unwrap } from '../../result.ts';
import { pc } from '../colors.ts';
import { type CommandContext, client } from '../context.ts';
import { CommandEnd, EXIT } from '../exit.ts';
import { show, table } from '../output.ts';
import type { Register } from './command.ts';

export const registerHealth: Register = (program, run) => {
  program
    .command('health')
    .description('is the service in order, and each part that it needs?')
    .addHelpText('after', '\nEnds with 6 while a part is down.')
    .action(run(health));
};

async function health(context: CommandContext): Promise<void> {
  const slipway = await client(context);
  const now = unwrap(await slipway.health({ signal: context.signal }));
  show(context.terminal, now, () =>
    table(
      context.terminal,
      ['part', 'status', 'took'],
      now.parts.map(({ name, status, milliseconds }) => [
        name,
        status === 'ok' ? pc.green(status) : pc.red(status),
        `${milliseconds} ms`,
      ]),
    ),
  );
  const down = now.parts.filter(({ status }) => status !== 'ok').map(({ name }) => name);
  if (now.status === 'ok') return;
  throw new CommandEnd(
    EXIT.unreachable,
    context.terminal.json ? '' : `Not in order: ${down.join(', ')}. The service's own log says why.`,
  );
}
