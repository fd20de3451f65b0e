import type { Deployment } from '../domain/records.ts';
import { FenceLost } from '../errors/deployments.ts';
import type { Machine } from '../platform/machine.ts';
import type { OfferedToken } from './task-tokens.ts';

/** What the machine says of itself when it enters a state that answers by a token. */
interface Entered {
  readonly taskToken: string;
  readonly enteredAt: string;
  readonly retryCount: number;
}

/**
 * Begins what the machine has entered a state for. Undefined where the deployment ended (or is ending) before the
 * machine came this far: then the machine is told, and goes on to its settlement.
 */
export async function unlessEnding(
  machine: Machine,
  { taskToken }: Entered,
  begin: () => Promise<Deployment>,
): Promise<Deployment | undefined> {
  try {
    return await begin();
  } catch (error) {
    if (!(error instanceof FenceLost)) throw error;
    await machine.fail(taskToken, 'Ending');
    return undefined;
  }
}

export const offeredBy = ({ taskToken: token, enteredAt, retryCount }: Entered): OfferedToken => ({
  token,
  enteredAt,
  retryCount,
});
