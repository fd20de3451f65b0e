import { postAnswer } from '../../shared/contracts/job-posts.ts';
import type { JobResult } from '../../shared/contracts/job-results.ts';
import type { StageFailed } from '../../shared/errors/deployments.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { backoffMs } from './backoff.ts';
import { type Answer, callService, Unanswered } from './call.ts';

export interface LostJob {
  readonly leftover: { readonly base: string; readonly jobKey: string; readonly jobToken: string };
  readonly failure: StageFailed;
  readonly clock: Clock;
  readonly random: Random;
}

const ATTEMPTS = 5;

/**
 * Reports a job as failed that this process did not run: a keep-alive tells how many lines the service has.
 * @returns whether the service has the result
 */
export async function reportLost(lost: LostJob): Promise<boolean> {
  const beat = await post(lost, 'beats', {});
  const answer = postAnswer.safeParse(beat?.body);
  if (beat?.status !== 200 || !answer.success || answer.data.verdict === 'gone') return false;
  const { message, retryable, suggestion = '' } = lost.failure;
  const result: JobResult = {
    outcome: 'failed',
    lines: answer.data.nextOffset,
    failure: { code: 'RUNNER_LOST', step: 'build', message, retryable, suggestion },
  };
  return (await post(lost, 'result', result))?.status === 200;
}

async function post(lost: LostJob, route: 'beats' | 'result', body: unknown): Promise<Answer | undefined> {
  const { base, jobKey, jobToken } = lost.leftover;
  for (let failures = 1; failures <= ATTEMPTS; failures += 1) {
    try {
      return await callService({
        base,
        path: `/jobs/${encodeURIComponent(jobKey)}/${route}`,
        token: jobToken,
        body,
      });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await lost.clock.sleep(backoffMs(failures, lost.random.unit()));
    }
  }
  return undefined;
}
