import { BoundedMap } from '../platform/bounded-map.ts';
import type { Clock } from '../platform/clock.ts';

interface Entry<T> {
  /** ms */
  readonly until: number;
  readonly value: Promise<T | undefined>;
}

/**
 * What was read lately, for a process: answers that may be a little old. Bounded; who asks for the same at the same time
 * shares one read. What is not there, and what could not be read, is not kept. Never for what decides about a right or a
 * write.
 */
export class ReadCache<T> {
  readonly #entries: BoundedMap<string, Entry<T>>;
  readonly #keptMs: number;

  constructor(limits: { readonly most: number; readonly keptMs: number }) {
    this.#entries = new BoundedMap(limits.most);
    this.#keptMs = limits.keptMs;
  }

  async get(clock: Clock, key: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const now = clock.now();
    const found = this.#entries.get(key);
    if (found !== undefined && found.until > now) return found.value;
    // Its age counts from before the read: what it shows may be as old as that.
    const entry = { until: now + this.#keptMs, value: read() };
    this.#entries.set(key, entry);
    try {
      const value = await entry.value;
      if (value === undefined) this.#drop(key, entry);
      return value;
    } catch (error) {
      this.#drop(key, entry);
      throw error;
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  #drop(key: string, entry: Entry<T>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
