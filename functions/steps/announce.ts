import type { Log } from '../../shared/platform/logger.ts';
import { type Publisher, publishJobCancel, publishJobOffered } from '../../shared/platform/sockets.ts';
import type { StepsDeps } from './deps.ts';

/** Tells agents about jobs. A word that is lost only costs time, so it never fails a build or a settlement. */
export function announcer(publisher: Publisher, log: Log): Pick<StepsDeps, 'announceJob' | 'announceCancel'> {
  const quietly = async (jobKey: string, said: Promise<void>) => {
    try {
      await said;
    } catch (error) {
      log.warn('Agents could not be told of a job.', { error, jobKey });
    }
  };
  return {
    announceJob: (jobKey, label) => quietly(jobKey, publishJobOffered(publisher, jobKey, label)),
    announceCancel: (jobKey, label) => quietly(jobKey, publishJobCancel(publisher, jobKey, label)),
  };
}
