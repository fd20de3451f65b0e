import { DIRECT_CALL_SECONDS } from '../../shared/domain/deadlines.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { isoTime } from '../../shared/platform/clock.ts';
import { beginRestore, endCall } from '../../shared/store/deployments.ts';
import type { StepsDeps } from './deps.ts';

/** Room for the start of the function and clocks that differ (ms). */
const MARGIN_MS = 30_000;

/**
 * Switches the target back to what it served before. It changes what is served, so it is preceded by an intent
 * like any such call; without an answer the intent stays, and the settlement waits until it is past.
 */
export async function restore(
  deps: StepsDeps,
  { id, environment, previousDeploymentId }: Deployment,
): Promise<{ restored: boolean }> {
  const now = deps.store.clock.now();
  const until = now + DIRECT_CALL_SECONDS.restore * 1000 + MARGIN_MS;
  const { attempt } = await beginRestore(deps.store, id, isoTime(now), until);
  const back = previousDeploymentId ?? 'nothing';
  await deps.say(id, 'settle', 'warn', `Switching ${environment} back to ${back}.`);
  try {
    const answer = await deps.targets.restore(id);
    await endCall(deps.store, id, attempt);
    if (!answer.restored) {
      await deps.say(id, 'settle', 'error', answer.message ?? 'The target did not switch back.');
    }
    return { restored: answer.restored };
  } catch (error) {
    deps.log.warn('No answer to the switch back.', { error });
    return { restored: false };
  }
}
