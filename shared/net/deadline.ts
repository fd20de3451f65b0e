import { NetDeadlineExceeded, type NetFailure, RequestAborted } from '../errors/net.ts';

/** The end of one guarded call: its total time, and the wish of whoever asked for it. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** What to throw once the signal is aborted. */
  error(host: string, outcomeUnknown: boolean): NetFailure;
  /** Settles like `work`, or rejects when the signal is aborted first; for work that takes no signal. */
  race<T>(work: () => Promise<T>, host: string): Promise<T>;
}

export function startDeadline(timeoutMs: number, caller: AbortSignal | undefined): Deadline {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = caller === undefined ? timeout : AbortSignal.any([timeout, caller]);
  const error = (host: string, outcomeUnknown: boolean) =>
    timeout.aborted
      ? new NetDeadlineExceeded(host, timeoutMs, outcomeUnknown)
      : new RequestAborted(host, outcomeUnknown, { cause: signal.reason });
  return { signal, error, race: (work, host) => raceWith(signal, work, () => error(host, false)) };
}

async function raceWith<T>(signal: AbortSignal, work: () => Promise<T>, error: () => NetFailure): Promise<T> {
  if (signal.aborted) throw error();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(error());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
