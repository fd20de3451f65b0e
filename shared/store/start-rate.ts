import { STARTS_PER_MINUTE } from '../domain/admission.ts';
import type { ProjectSettings } from '../domain/records.ts';
import { RateLimited } from '../errors/requests.ts';
import type { StoreContext } from './context.ts';
import type { Write } from './engine.ts';
import { startRateKey } from './keys.ts';

const MINUTE_MS = 60_000;
/** A minute's counter is kept a little longer than it counts, in seconds: clocks differ. */
const KEPT_SECONDS = 300;

/**
 * Counts a deployment against its project's minute, in the transaction that creates it: what is refused is not
 * counted, and all instances count together. The write fails where the minute is full.
 */
export function countStart(ctx: StoreContext, projectId: string, settings: ProjectSettings): Write {
  const now = ctx.clock.now();
  return {
    table: 'live',
    key: startRateKey(projectId, Math.floor(now / MINUTE_MS)),
    update: {
      update: 'SET #expiresAt = :expiresAt ADD #starts :one',
      expression: 'attribute_not_exists(#starts) OR #starts < :limit',
      names: { '#starts': 'starts', '#expiresAt': 'expiresAt' },
      values: {
        ':one': 1,
        ':limit': settings.startsPerMinute ?? STARTS_PER_MINUTE.default,
        ':expiresAt': Math.floor(now / 1000) + KEPT_SECONDS,
      },
    },
  };
}

/** The refusal where a minute is full. Raised after `countStart` has failed and nothing else. */
export function tooManyStarts(ctx: StoreContext, settings: ProjectSettings): RateLimited {
  const seconds = Math.ceil((MINUTE_MS - (ctx.clock.now() % MINUTE_MS)) / 1000);
  const limit = settings.startsPerMinute ?? STARTS_PER_MINUTE.default;
  return new RateLimited(`The project may start ${limit} deployments a minute.`, seconds, {
    suggestion: `Start it again in ${seconds} s, or raise settings.startsPerMinute of the project.`,
  });
}
