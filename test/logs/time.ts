import { AsyncLocalStorage } from 'node:async_hooks';
import { determine, numbersFrom } from '../lifecycle/cloud/determined.ts';
import type { Timeline } from '../lifecycle/cloud/timeline.ts';

/**
 * Makes the client's clock, timers and chance those of the run as well, so that hours of waiting take no time and the
 * same seed is the same run.
 */
export function determineAll(timeline: Timeline, seed: number): void {
  determine(timeline, seed);
  Math.random = numbersFrom(seed + 1);
  Object.defineProperty(performance, 'now', { value: () => timeline.now, configurable: true });
  Object.defineProperty(crypto, 'randomUUID', { value: uuidsFrom(seed + 2), configurable: true });
  const undo = new Map<number, () => void>();
  let made = 0;
  const begin = (work: () => void, ms = 0) => {
    made += 1;
    const timer = made;
    const happen = AsyncLocalStorage.bind(() => {
      undo.delete(timer);
      work();
    });
    undo.set(timer, timeline.in(ms, happen));
    return timer;
  };
  const end = (timer: number) => {
    undo.get(timer)?.();
    undo.delete(timer);
  };
  // What one makes is only ever given to the other.
  globalThis.setTimeout = begin as unknown as typeof setTimeout;
  globalThis.clearTimeout = end as typeof clearTimeout;
}

/** Keys that no other call has; they only have to differ. */
function uuidsFrom(seed: number): () => string {
  let made = 0;
  return () => {
    made += 1;
    return `00000000-0000-4000-8000-${String(seed % 1000).padStart(3, '0')}${String(made).padStart(9, '0')}`;
  };
}
