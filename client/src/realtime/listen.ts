import { SlipwayFailure } from '../failure.ts';
import { aborted, jittered, now, pause } from '../time.ts';
import { type Outcome, pauseAt, placeAfter, TOP } from './ladder.ts';
import { GIVE_UP_MS, type Pace } from './pace.ts';

/** The service was heard of, and nothing happened. */
export const ALIVE = Symbol('alive');

/** How a way of hearing ended without failing: all was heard, its `until` has come, or it was cut off. */
export type Ending = 'done' | 'time' | 'cut';

/** One way of hearing what happens. `until`: when a better one is to be looked for (ms). */
export type Way<E> = (until: number) => AsyncGenerator<E | typeof ALIVE, Ending>;

export interface ListenOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the service may stay out of reach before it is given up; 5 minutes by default. */
  readonly giveUpAfterMs?: number | undefined;
}

/**
 * Hears in the best way that works, the first of `ways` if it can be: goes down where one fails, tries the best one
 * again after a while, and goes on until all was heard. What was heard stands with the ways, not here.
 *
 * @throws SlipwayFailure where the service refuses for good, or was out of reach for too long
 */
export async function* listen<E>(
  ways: readonly [Way<E>, ...Way<E>[]],
  { signal, giveUpAfterMs = GIVE_UP_MS }: ListenOptions,
  pace: Pace,
): AsyncGenerator<E> {
  let place = TOP;
  let reachedAt = now();
  for (;;) {
    if (signal?.aborted === true) throw aborted(signal);
    const beganAt = now();
    let worked = false;
    let outcome: Outcome;
    try {
      const hearing = (ways[place.way] ?? ways[0])(place.climbAt);
      const alive = () => {
        worked = true;
        reachedAt = now();
      };
      const ending = yield* withoutSigns(hearing, alive);
      if (ending === 'done') return;
      outcome = ending;
    } catch (cause) {
      const isLost = now() - reachedAt > giveUpAfterMs;
      if (isLost || isFinal(cause)) throw cause;
      outcome = isCrowded(cause) ? 'crowded' : worked ? 'cut' : 'failed';
    }
    if (outcome === 'cut' && now() - beganAt < pace.briefMs) outcome = 'brief';
    place = placeAfter(place, outcome, now(), ways.length, pace);
    await pause(jittered(pauseAt(place, outcome, pace)), signal);
  }
}

async function* withoutSigns<E>(
  hearing: AsyncGenerator<E | typeof ALIVE, Ending>,
  alive: () => void,
): AsyncGenerator<E, Ending> {
  try {
    for (;;) {
      const step = await hearing.next();
      if (step.done === true) return step.value;
      alive();
      if (step.value !== ALIVE) yield step.value;
    }
  } finally {
    // Whoever stops listening stops the way as well, with its socket.
    await hearing.return('cut');
  }
}

const REFUSED_FOR_GOOD: ReadonlySet<string | undefined> = new Set([
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'DEPLOYMENT_NOT_FOUND',
  'PROJECT_NOT_FOUND',
  'VALIDATION_FAILED',
]);

/** Such a refusal stays one however and how often it is asked; everything else may pass, or be had in another way. */
const isFinal = (cause: unknown): boolean =>
  !(cause instanceof SlipwayFailure) || cause.kind === 'aborted' || REFUSED_FOR_GOOD.has(cause.code);

const isCrowded = (cause: unknown): boolean =>
  cause instanceof SlipwayFailure && (cause.status === 429 || cause.status === 503);
