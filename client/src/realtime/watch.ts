import { SlipwayFailure } from '../failure.ts';
import { failure, type Result, success } from '../result.ts';
import type { CallOptions } from '../transport.ts';

export interface WatchOptions extends CallOptions {
  /** Called once when there is nothing more to watch, or watching failed; not where whoever watches ended it. */
  readonly onEnd?: ((result: Result<void>) => void) | undefined;
}

/** Calls back for everything that the feed gives. The answer ends it, as the signal does. */
export function watch<T>(
  feed: (signal: AbortSignal) => AsyncIterable<T>,
  onNews: (news: T) => void,
  { signal, onEnd }: WatchOptions,
): () => void {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  void (async () => {
    let ended: Result<void> = success(undefined);
    try {
      for await (const news of feed(stopped)) if (!stopped.aborted) onNews(news);
    } catch (error) {
      // What a callback throws is its own: it ends the watch and goes where unhandled errors go.
      if (!(error instanceof SlipwayFailure)) throw error;
      ended = failure(error);
    }
    if (!stopped.aborted) onEnd?.(ended);
  })();
  return () => stop.abort();
}
