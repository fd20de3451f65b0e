import type { Stage } from '../domain/status.ts';
import { SlipwayError } from '../errors/base.ts';
import type { StoreContext } from './context.ts';
import { noteAttempt } from './stages.ts';

/** Attempts of one piece of work, the first among them: what does not work three times in some seconds is not a hiccup. */
export const MAX_ATTEMPTS = 3;
const FIRST_MS = 1000;

/** Wait before the attempt after the `failures`th: doubled each time, half of it by chance, so that not all come back at once. */
export function backoffMs(failures: number, unit: number): number {
  const whole = FIRST_MS * 2 ** (failures - 1);
  return Math.round(whole / 2 + (whole / 2) * unit);
}

export interface Repeated {
  readonly deploymentId: string;
  readonly stage: Stage;
  readonly signal?: AbortSignal | undefined;
  /** Looks, after a failure, whether the work may be done again; absent: it may. */
  readonly mayRepeat?: ((error: SlipwayError) => Promise<boolean>) | undefined;
  /** Told of each failure that is tried again, and how long that takes. */
  readonly failed: (error: SlipwayError, waitMs: number, attempt: number) => void | Promise<void>;
}

/**
 * Does a piece of a stage's work, again where it failed for a reason that is classed retryable. Each further attempt
 * stands in the stage's `attempts`. After an unknown outcome
 * `mayRepeat` reads back first, wherever a repeat could do harm.
 * @throws what the last attempt raised, and FenceLost where the deployment is ending meanwhile
 */
export async function withAttempts<T>(
  ctx: StoreContext,
  { deploymentId, stage, signal, mayRepeat, failed }: Repeated,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const mayPass = error instanceof SlipwayError && error.retryable && signal?.aborted !== true;
      if (!mayPass || attempt >= MAX_ATTEMPTS) throw error;
      if (mayRepeat !== undefined && !(await mayRepeat(error))) throw error;
      const waitMs = backoffMs(attempt, ctx.random.unit());
      await failed(error, waitMs, attempt);
      await ctx.clock.sleep(waitMs, signal);
      await noteAttempt(ctx, deploymentId, stage);
    }
  }
}
