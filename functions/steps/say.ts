import { GATE_LOG_DAYS } from '../../shared/domain/log-limits.ts';
import type { Log } from '../../shared/platform/logger.ts';
import { type Publisher, publishLines } from '../../shared/platform/sockets.ts';
import { addSystemLine } from '../../shared/store/system-log.ts';
import type { StepsDeps } from './deps.ts';

/** All lines of the steps are one producer's; each is written by itself, so a repeated step may say a line twice. */
const PRODUCER = 'steps';

/** Adds lines to deployments' logs and shows them to whoever watches. A lost line never fails a deployment. */
export function speaker(publisher: Publisher, log: Log): StepsDeps['say'] {
  const { store } = publisher;
  return async (deploymentId, step, level, message) => {
    try {
      const atLeastDays = step === 'gate' ? GATE_LOG_DAYS : undefined;
      const line = { level, step, message };
      const lines = await addSystemLine(store, deploymentId, PRODUCER, line, { atLeastDays });
      await publishLines(publisher, deploymentId, lines);
    } catch (error) {
      log.warn('A line of the deployment was lost.', { error, line: message });
    }
  };
}
