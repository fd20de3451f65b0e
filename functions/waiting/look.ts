import type { Actor } from '../../shared/domain/access.ts';
import { RateLimited } from '../../shared/errors/requests.ts';
import { requireStillHeld } from '../../shared/store/tokens.ts';
import { leavePlace, takePlace } from '../../shared/store/waiting-places.ts';
import type { WaitingDeps } from './deps.ts';

/** When somebody who found no place may look for one again; reading without waiting is possible meanwhile. */
const AGAIN_SECONDS = 5;

export interface Patience {
  /** 0: one look. */
  readonly seconds: number;
  readonly everyMs: number;
  readonly actor: Actor;
  readonly signal: AbortSignal;
}

/**
 * Looks until there is something to see, or the time is up; gives back the last look. Whoever is answered at once
 * needs no place.
 * @throws RateLimited where all places that the actor may have are taken; Unauthenticated where the token was taken back meanwhile
 */
export async function lookUntil<T>(
  deps: WaitingDeps,
  { seconds, everyMs, actor, signal }: Patience,
  look: () => Promise<T>,
  isFound: (seen: T) => boolean,
): Promise<T> {
  const { clock } = deps.store;
  const until = clock.now() + seconds * 1000;
  let seen = await look();
  if (seconds === 0 || isFound(seen)) return seen;
  return inPlace(deps, actor, async () => {
    for (;;) {
      const left = until - clock.now();
      if (left <= 0 || signal.aborted) break;
      await clock.sleep(Math.min(everyMs, left));
      seen = await look();
      if (isFound(seen)) break;
    }
    await requireStillHeld(deps.store, actor);
    return seen;
  });
}

async function inPlace<T>(
  { store, places, log }: WaitingDeps,
  { subject }: Actor,
  wait: () => Promise<T>,
): Promise<T> {
  const place = await takePlace(store, places, subject);
  if (place === undefined) {
    throw new RateLimited('As many requests wait as can wait at a time.', AGAIN_SECONDS, {
      suggestion: 'Read without waiting meanwhile, or open a socket.',
    });
  }
  try {
    return await wait();
  } finally {
    // Its lease ends by itself.
    await leavePlace(store, place).catch((error: unknown) => log.warn('A place was not left.', { error }));
  }
}
