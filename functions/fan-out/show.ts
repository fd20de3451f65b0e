import type { FanOutMessage } from '../../shared/contracts/fan-out.ts';
import { type Sockets, showTo } from '../../shared/platform/posting.ts';
import { type Viewer, viewersIn } from '../../shared/store/subscriptions.ts';
import type { FanOutDeps } from './deps.ts';
import { type LinesMessage, shownBy } from './frames.ts';

/** Viewers that are posted to at the same time: enough for the pace, even where a fifth of them does not answer. */
const PARALLEL = 50;
/** What is not done by then is left to another message; the function may run for a minute (ms). */
const LONGEST_MS = 40_000;
/** A message that failed so often goes back to the queue, which gives it up at last. */
const MOST_FAILURES = 3;

/**
 * Shows what the message says to its part of the viewers. What is left when it fails or takes too long is a new message,
 * so that nobody who has it gets it again; only of one that dies in the middle everybody does, and drops the repeat.
 */
export async function show(deps: FanOutDeps, message: FanOutMessage): Promise<void> {
  const { slice, failures } = message;
  if (isLate(message, deps.store.clock.now())) {
    deps.log.info('Lines came too late to be posted; their viewers read them.', { first: message.first });
    return;
  }
  const round = new Round(deps, message);
  await round.run();
  if (round.failure === undefined && round.next >= slice.until) return;
  if (round.failure !== undefined) {
    deps.log.warn('A part of the viewers is tried again.', { error: round.failure, failures });
    if (failures >= MOST_FAILURES) throw round.failure;
  }
  const again = { from: round.next, until: slice.until };
  await deps.fanOut.send([
    { ...message, slice: again, failures: failures + (round.failure === undefined ? 0 : 1) },
  ]);
}

/** Who waits for lines sees that they are missing, by the next frame or the next pong. Nothing else heals itself. */
const isLate = (message: FanOutMessage, now: number): message is LinesMessage =>
  message.kind === 'lines' && message.freshUntil !== undefined && message.freshUntil <= now;

class Round {
  readonly #deps: FanOutDeps;
  readonly #message: FanOutMessage;
  /** All who stand before this place have been served. */
  next: number;
  failure: Error | undefined;

  constructor(deps: FanOutDeps, message: FanOutMessage) {
    this.#deps = deps;
    this.#message = message;
    this.next = message.slice.from;
  }

  async run(): Promise<void> {
    const { store, poster, turn } = this.#deps;
    const { slice } = this.#message;
    const sockets: Sockets = { store, poster, turn };
    const until = store.clock.now() + LONGEST_MS;
    const busy = new Set<Promise<void>>();
    const missed: number[] = [];
    try {
      const { topic, framesFor } = await shownBy(store, this.#message);
      for await (const viewer of viewersIn(store, topic, slice)) {
        if (this.failure !== undefined || store.clock.now() >= until) {
          missed.push(viewer.place);
          break;
        }
        const one = this.#serve(sockets, topic, viewer, framesFor(viewer), missed);
        busy.add(one);
        void one.then(() => busy.delete(one));
        if (busy.size >= PARALLEL) await Promise.race(busy);
        this.next = viewer.place + 1;
      }
      if (missed.length === 0) this.next = slice.until;
    } catch (error) {
      this.#fail(error);
    }
    await Promise.all(busy);
    this.next = Math.min(this.next, ...missed);
  }

  /** Never rejects. */
  async #serve(
    sockets: Sockets,
    topic: string,
    viewer: Viewer,
    frames: readonly string[],
    missed: number[],
  ): Promise<void> {
    try {
      await showTo(sockets, topic, viewer, frames);
    } catch (error) {
      missed.push(viewer.place);
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }
}
