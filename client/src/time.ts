import { SlipwayFailure } from './failure.ts';

/** Milliseconds since some moment; goes forward only. */
export const now = (): number => performance.now();

/** Somewhere between half of it and all of it, so that many clients do not come back at the same moment. */
export const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2);

export const aborted = (signal: AbortSignal | undefined): SlipwayFailure =>
  new SlipwayFailure('aborted', 'The call was aborted.', { cause: signal?.reason });

/** Waits. @throws SlipwayFailure `aborted` at once when the signal fires */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(aborted(signal));
    const stop = () => {
      clearTimeout(timer);
      reject(aborted(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
