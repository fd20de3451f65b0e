import { hash } from 'node:crypto';
import { GATE_LOG_DAYS } from '../../shared/domain/log-limits.ts';
import type { Log } from '../../shared/platform/logger.ts';
import { type Publisher, publishLines } from '../../shared/platform/sockets.ts';
import { addSystemLine } from '../../shared/store/system-log.ts';
import type { SayOptions, StepsDeps } from './deps.ts';

/**
 * Lines of the steps are one producer's; each is written by itself, so a repeated step may say a line twice. One that is
 * to stand there once is the only line of a producer that is named after what it says: where the step is done again and
 * comes to something else (a cancel overtook it), that is said as well.
 */
const PRODUCER = 'steps';
const onlyOf = (message: string) => `${PRODUCER}.${hash('sha256', message).slice(0, 8)}`;

export const ONCE: SayOptions = { once: true };

/** Adds lines to deployments' logs and shows them to whoever watches. A lost line never fails a deployment. */
export function speaker(publisher: Publisher, log: Log): StepsDeps['say'] {
  const { store } = publisher;
  return async (deploymentId, step, level, message, { once = false } = {}) => {
    try {
      const atLeastDays = step === 'gate' ? GATE_LOG_DAYS : undefined;
      const line = { level, step, message };
      const producer = once ? onlyOf(message) : PRODUCER;
      const lines = await addSystemLine(store, deploymentId, producer, line, { atLeastDays, once });
      await publishLines(publisher, deploymentId, lines);
    } catch (error) {
      log.warn('A line of the deployment was lost.', { error, line: message });
    }
  };
}
