import { LogVerifier } from '../../logs/verify.ts';
import type { Slipway } from '../../slipway.ts';
import type { CommandContext } from '../context.ts';
import { CommandEnd, EXIT } from '../exit.ts';
import { show } from '../output.ts';

/** Reads a whole log, waiting for its end, and recomputes what it must have ended with. */
export async function verifyLog(
  { terminal, signal }: CommandContext,
  slipway: Slipway,
  id: string,
): Promise<void> {
  const verifier = new LogVerifier();
  let lines = 0;
  for await (const event of slipway.deployments.events(id, { signal })) {
    if (event.kind === 'line') {
      await added(verifier, event.line, id);
      lines = event.line.n;
    }
    if (event.kind !== 'end') continue;
    const { hash } = event;
    const { purged } = verifier;
    if (!verifier.agrees(event))
      throw notWhole(id, `its ${lines} lines do not give the hash that it ended with`);
    show(terminal, { complete: true, lines, purged, hash }, () => whole(lines, purged, hash));
  }
}

async function added(verifier: LogVerifier, line: Parameters<LogVerifier['add']>[0], id: string) {
  try {
    await verifier.add(line);
  } catch (error) {
    if (error instanceof RangeError) throw notWhole(id, error.message.replace(/\.$/, ''));
    throw error;
  }
}

function whole(lines: number, purged: number, hash: string): string {
  const gone =
    purged === 0 ? '' : ` ${purged} of them were purged: their text is gone, their place is proven.`;
  return `Complete: ${lines} lines, hash ${hash}.${gone}`;
}

const notWhole = (id: string, why: string) =>
  new CommandEnd(
    EXIT.failed,
    `The log of ${id} is not whole: ${why}. Read it once more; if that does not help, whoever runs the service finds in docs/runbook.md what to do.`,
  );
