import type { LogTail } from './log-chunk.ts';

/**
 * The tails that this process wrote last, so that an append is normally one write and no read. A stale entry
 * costs one refused write and can do no harm: the chain only grows by "does not exist" at its very end.
 */
export class LogTails {
  readonly #tails = new Map<string, LogTail>();
  readonly #most: number;

  constructor(most = 500) {
    this.#most = most;
  }

  get(deploymentId: string): LogTail | undefined {
    return this.#tails.get(deploymentId);
  }

  set(deploymentId: string, tail: LogTail): void {
    // The oldest entry stands first in a Map; one written again moves to the end.
    this.#tails.delete(deploymentId);
    this.#tails.set(deploymentId, tail);
    for (const oldest of this.#tails.keys()) {
      if (this.#tails.size <= this.#most) return;
      this.#tails.delete(oldest);
    }
  }
}
