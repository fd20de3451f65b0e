import { createHash } from 'node:crypto';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { current, waiting } from './process.ts';
import type { Timeline } from './timeline.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function base32(value: number, digits: number): string {
  let text = '';
  for (let rest = value, i = 0; i < digits; i += 1, rest = Math.floor(rest / 32))
    text = `${ALPHABET[rest % 32]}${text}`;
  return text;
}

/** Something that a process does again and again until it stops it, or dies. */
class Repeating {
  readonly #process = current();
  #undo: () => void;

  constructor(timeline: Timeline, work: () => void, ms: number) {
    const again = (): (() => void) =>
      timeline.in(ms, () => {
        if (this.#process?.dead === true) return;
        this.#undo = again();
        work();
      });
    this.#undo = again();
  }

  stop(): void {
    this.#undo();
  }
}

/**
 * Makes the service's clock, ids, random numbers and timeouts those of the run: the same run, the same everything.
 * The functions hold the one clock and the one source of randomness of the process, so those are changed in place.
 */
export function determine(timeline: Timeline, seed: number): void {
  const number = numbersFrom(seed);
  let made = 0;
  const next = () => {
    made += 1;
    return made;
  };
  systemClock.now = () => timeline.now;
  systemClock.sleep = (ms, signal) =>
    waiting(
      () =>
        new Promise<void>((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          // Jitter makes fractions; a clock has none.
          const undo = timeline.in(Math.ceil(ms), resolve);
          signal?.addEventListener('abort', () => {
            undo();
            reject(signal.reason);
          });
        }),
    );
  systemRandom.ulid = (now) => base32(now, 10) + base32(seed, 8) + base32(next(), 8);
  systemRandom.unit = number;
  systemRandom.secret = (bytes) => {
    const hash = createHash('sha512').update(`${seed}:${next()}`).digest();
    return Buffer.concat([hash, hash]).subarray(0, bytes).toString('base64url');
  };
  // Leases are renewed so; a dead process renews nothing.
  const begin = (work: () => void, ms = 0) => new Repeating(timeline, work, ms);
  const end = (timer: unknown) => timer instanceof Repeating && timer.stop();
  // What one makes is only ever given to the other.
  globalThis.setInterval = begin as unknown as typeof setInterval;
  globalThis.clearInterval = end as typeof clearInterval;
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    timeline.in(ms, () => controller.abort(new DOMException('The time is up.', 'TimeoutError')));
    return controller.signal;
  };
}
