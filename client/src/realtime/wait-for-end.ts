import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import { failure, type Result } from '../result.ts';
import { deploymentView } from '../shapes/deployments.ts';
import { aborted, jittered, now, pause } from '../time.ts';
import { call, type TransportOptions } from '../transport.ts';
import type { ListenOptions } from './listen.ts';
import { answerWithinMs, GIVE_UP_MS, nextPause, PACE, type Pace } from './pace.ts';
import { isTerminal } from './statuses.ts';

export type WaitOptions = ListenOptions;

/** An answer that took this long was held back (ms). */
const HELD_MS = 900;

/**
 * The record of a deployment once it has ended. The service is asked to answer when there is something new; where it
 * has no room for that it is asked plainly, and where it is out of reach for a while, again and again.
 */
export async function waitForEnd(
  transport: TransportOptions,
  id: string,
  { signal, giveUpAfterMs = GIVE_UP_MS }: WaitOptions = {},
  pace: Pace = PACE,
): Promise<Result<DeploymentView>> {
  const path = `/deployments/${encodeURIComponent(id)}`;
  let reachedAt = now();
  let revision: number | undefined;
  let pauseMs = 0;
  for (let waits = true; ; ) {
    const askedAt = now();
    const wait = waits ? pace.waitSeconds : 0;
    const answer = await call(transport, {
      method: 'GET',
      path,
      query: waits ? { wait, revision } : {},
      answer: deploymentView,
      attempts: 1,
      timeoutMs: answerWithinMs(wait),
      signal,
    });
    if (answer.ok) {
      if (isTerminal(answer.value.status)) return answer;
      reachedAt = now();
      const isNews = answer.value.revision !== revision;
      // Whoever held the answer back has waited already.
      const isHeld = waits && now() - askedAt >= HELD_MS;
      pauseMs = isNews || isHeld ? 0 : nextPause(pauseMs, pace);
      revision = answer.value.revision;
      waits = true;
    } else {
      const mayPass = answer.error.retryable || answer.error.status === 429;
      if (!mayPass || now() - reachedAt > giveUpAfterMs) return answer;
      pauseMs = nextPause(pauseMs, pace);
      waits = !waits;
    }
    try {
      await pause(jittered(pauseMs), signal);
    } catch {
      return failure(aborted(signal));
    }
  }
}
