import type { Log } from '../../../shared/platform/logger.ts';
import type { Part } from './parts.ts';

/** A part that does not answer within this is down, in ms. */
const PART_DEADLINE_MS = 3000;

export interface PartHealth {
  readonly name: string;
  readonly status: 'ok' | 'down';
  readonly milliseconds: number;
}

/** Asks all parts at once. Why one is down goes to the service log: the route is public. */
export function checkParts(
  parts: readonly Part[],
  now: () => number,
  log: Log,
  deadlineMs = PART_DEADLINE_MS,
): Promise<PartHealth[]> {
  return Promise.all(
    parts.map(async ({ name, check }): Promise<PartHealth> => {
      const start = now();
      try {
        const signal = AbortSignal.timeout(deadlineMs);
        await Promise.race([check(signal), aborted(signal)]);
        return { name, status: 'ok', milliseconds: now() - start };
      } catch (error) {
        log.error('A part of the service is down', { part: name, error });
        return { name, status: 'down', milliseconds: now() - start };
      }
    }),
  );
}

/** For a client that does not obey its signal. */
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
