import { LEAD_SECONDS } from '../../../shared/contracts/schedules.ts';
import { cronAfter } from '../../../shared/domain/schedules.ts';
import { ValidationFailed } from '../../../shared/errors/requests.ts';

interface When {
  readonly at?: string | undefined;
  readonly cron?: string | undefined;
  readonly timezone: string;
  readonly autoCancel: boolean;
}

/**
 * The first moment (ms) of what is planned.
 * @throws ValidationFailed where it is not far enough ahead, the expression is none, or never comes
 */
export function firstMoment({ at, cron, timezone, autoCancel }: When, now: number): number {
  if (cron === undefined) {
    const moment = Date.parse(at ?? '');
    if (moment >= now + LEAD_SECONDS * 1000) return moment;
    throw wrong('/at', 'TOO_SOON', `must be at least ${LEAD_SECONDS / 60} minutes ahead`);
  }
  if (autoCancel) throw wrong('/autoCancel', 'INVALID_VALUE', 'goes with `at` only');
  let moment: number | undefined;
  try {
    moment = cronAfter(cron, timezone, now);
  } catch (error) {
    // Only the expression can be what the library refuses: the time zone was looked at before.
    const said = error instanceof Error ? error.message : 'it cannot be read';
    throw wrong('/cron', 'INVALID_CRON', `is no expression that can be used: ${said}`, error);
  }
  if (moment === undefined) throw wrong('/cron', 'NEVER', 'names no moment that ever comes');
  return moment;
}

const wrong = (field: string, code: string, message: string, cause?: unknown) =>
  new ValidationFailed([{ field, code, message }], { cause });
