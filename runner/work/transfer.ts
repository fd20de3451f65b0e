import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { backoffMs } from '../protocol/backoff.ts';

/** Times that an artifact is sent or fetched before its job gives up. */
const ATTEMPTS = 4;
/** A connection that moves nothing for this long is dead (ms). */
export const IDLE_MS = 60_000;
const BUSY_STATUSES = new Set([408, 429]);

/** What goes between the runner and the bucket, over a link that is a secret. */
export interface Transfer {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
}

/** Why it did not get there: a status, or the system's word for a broken connection. Never the address. */
export interface Refusal {
  readonly what: string;
  readonly retryable: boolean;
}

export const refusedWith = (status: number): Refusal => ({
  what: `status ${status}`,
  retryable: status >= 500 || BUSY_STATUSES.has(status),
});

export function broken(error: unknown): Refusal {
  const named = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return { what: named ? String(error.code) : 'connection lost', retryable: true };
}

/** Tries until it got there, or a repetition cannot help any more: then why not. Throws what aborted it. */
export async function tried(
  { signal, clock, random }: Transfer,
  once: () => Promise<Refusal | undefined>,
): Promise<Refusal | undefined> {
  for (let failures = 1; ; failures += 1) {
    const refusal = await once();
    if (refusal === undefined) return undefined;
    signal.throwIfAborted();
    if (!refusal.retryable || failures === ATTEMPTS) return refusal;
    await clock.sleep(backoffMs(failures, random.unit()), signal);
  }
}
