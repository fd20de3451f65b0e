import { setTimeout as sleep } from 'node:timers/promises';
import { StartFailure } from '../failure.ts';
import type { Children, Command, Exit } from './children.ts';

/**
 * Runs a longer program to its end as a child that can't outlive this one (pip, cdk).
 * Throws a StartFailure where it isn't done after `timeoutMs`.
 */
export async function runErrand(children: Children, command: Command, timeoutMs: number): Promise<Exit> {
  const child = await children.start(command);
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([child.exited, late]);
  timer.abort();
  const exit = child.exit();
  if (exit !== undefined) return exit;
  await child.stop();
  throw new StartFailure(
    `${command.name} was not done after ${Math.round(timeoutMs / 1000)} s and was ended; see ${command.logFile}.`,
  );
}
