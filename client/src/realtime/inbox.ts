/** Frames of a socket that may wait for their reader: about as many bytes as a page with an open socket may cost. */
const MOST = 500;

/** What came and was not read yet. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #tickMs: number;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  /** False where too much waits already. */
  put(item: T): boolean {
    if (this.#items.length >= MOST) return false;
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** What came, in its order, and a `tick` after each pause of that length; what came before the end still counts. */
  async *items(): AsyncGenerator<T | 'tick'> {
    for (;;) {
      const next = this.#items.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else if (await this.#isPause()) yield 'tick';
    }
  }

  #isPause(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), this.#tickMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }
}
