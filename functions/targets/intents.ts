import { FenceLost, StageFailed } from '../../shared/errors/deployments.ts';
import { NetFailure, UrlRefused } from '../../shared/errors/net.ts';
import { assertCallMayChange, beginCall, endCall } from '../../shared/store/deployments.ts';
import type { TargetContext } from '../../shared/targets/target.ts';
import type { TargetsDeps } from './deps.ts';
import { shown } from './outcome.ts';
import type { Work } from './work.ts';

/** A call that changes what is served is given up after this: a switch at a slow server, but no long wait for a settlement (ms). */
export const CALL_MS = 120_000;
/** What was sent at the last moment has arrived or is lost after this (ms); no socket lives longer unanswered. */
export const WIRE_MS = 15_000;

/** Is it known what became of the call? Everything else may or may not have taken effect. */
export function isKnown(error: unknown): boolean {
  if (error instanceof NetFailure) return !error.outcomeUnknown;
  return error instanceof StageFailed || error instanceof FenceLost || error instanceof UrlRefused;
}

/** How long (ms) until the moment; nothing where it is past. */
export const msUntil = ({ store }: TargetsDeps, moment: number): number =>
  Math.max(0, moment - store.clock.now());

/**
 * Makes a call that can change what the target serves (rule 4): its intent is on the record before it goes out
 * and leaves it when the outcome is known. Where no outcome came back, `readBack` looks; an answer there is the
 * outcome, and without one the intent stays, so that settlement waits until the call is past.
 * @throws FenceLost where the deployment may not change its target any more; then nothing was sent
 */
export async function withIntent<T>(
  deps: TargetsDeps,
  { deployment: { id, fence }, ctx, log }: Work,
  name: string,
  call: (ctx: TargetContext) => Promise<T>,
  readBack: () => Promise<T | undefined>,
): Promise<T> {
  const now = deps.store.clock.now();
  const attempt = `${name}-${deps.store.random.ulid(now)}`;
  await beginCall(deps.store, id, fence, attempt, now + CALL_MS + WIRE_MS, { activates: true });
  const changing: TargetContext = {
    ...ctx,
    assertMayChange: () => assertCallMayChange(deps.store, id, fence, attempt),
    // Writing the intent may have taken a while, and the intent's time does not wait.
    signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(msUntil(deps, now + CALL_MS))]),
  };
  let outcome: T;
  try {
    outcome = await call(changing);
  } catch (error) {
    if (isKnown(error)) {
      await endCall(deps.store, id, attempt);
      throw error;
    }
    log.add('warn', 'The target did not say what became of the call; reading back what it serves.');
    const seen = await readBack().catch((unread) => {
      deps.log.warn('What the target serves could not be read back.', shown(unread, log));
      return undefined;
    });
    if (seen === undefined) throw error;
    outcome = seen;
  }
  await endCall(deps.store, id, attempt);
  return outcome;
}
