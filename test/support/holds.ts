/** Requests of one kind that get no answer for now. */
export interface Hold extends Disposable {
  /** Resolves when the first of them has come. */
  readonly reached: Promise<void>;
  /** All that wait are answered, and none waits any more. */
  release(): void;
}

/** Lets requests of a test's server wait until the test says that they may go on, however long that takes. */
export class Holds<Kind extends string> {
  readonly #held = new Map<Kind, { readonly reached: () => void; readonly released: Promise<void> }>();

  hold(kind: Kind): Hold {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held.set(kind, { reached: reached.resolve, released: released.promise });
    const release = () => {
      this.#held.delete(kind);
      released.resolve();
    };
    return { reached: reached.promise, release, [Symbol.dispose]: release };
  }

  /** Returns at once where requests of that kind are not held. */
  async pass(kind: Kind): Promise<void> {
    const held = this.#held.get(kind);
    held?.reached();
    await held?.released;
  }
}
