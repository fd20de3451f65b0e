import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Process } from './process.ts';

interface Moment {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
  gone: boolean;
}

/** Turns of the event loop that real work (a file, an archive) may take before it is taken for hung. */
const TURNS = 200_000;

/**
 * Time that only passes when everybody waits for it. Whatever happens at the same moment happens in the order in
 * which it was arranged, so a run is the same each time.
 */
export class Timeline {
  now: number;
  readonly processes = new Set<Process>();
  readonly #moments: Moment[] = [];
  #arranged = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Arranges something for later; the answer takes it back. */
  at(ms: number, happen: () => void): () => void {
    const moment: Moment = { at: Math.max(ms, this.now), order: this.#arranged, happen, gone: false };
    this.#arranged += 1;
    this.#push(moment);
    return () => {
      moment.gone = true;
    };
  }

  in(ms: number, happen: () => void): () => void {
    return this.at(this.now + ms, happen);
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.in(ms, resolve));
  }

  /** Lets time pass until something is so, nothing is arranged any more, or a moment has come. */
  async run(isSo: () => boolean, limit: number): Promise<void> {
    for (;;) {
      await this.#everybodyWaits();
      if (isSo()) return;
      const next = this.#pop();
      if (next === undefined) return;
      if (next.at > limit) {
        this.#push(next);
        this.now = limit;
        return;
      }
      this.now = next.at;
      next.happen();
    }
  }

  /** Real work may be going on in a process that waits for no moment of ours; it is waited for. */
  async #everybodyWaits(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await nextTurn();
      let busy = false;
      for (const process of this.processes) if (process.waits === 0) busy = true;
      if (!busy) return;
    }
    const busy = [...this.processes].filter(({ waits }) => waits === 0).map(({ label }) => label);
    throw new Error(`These wait for nothing that time could bring: ${busy.join(', ')}`);
  }

  #before = (a: Moment, b: Moment) => a.at < b.at || (a.at === b.at && a.order < b.order);

  #push(moment: Moment): void {
    const heap = this.#moments;
    let i = heap.push(moment) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const [above, here] = [heap[parent], heap[i]];
      if (above === undefined || here === undefined || !this.#before(here, above)) return;
      heap[parent] = here;
      heap[i] = above;
      i = parent;
    }
  }

  #pop(): Moment | undefined {
    for (;;) {
      const first = this.#popOne();
      if (first === undefined || !first.gone) return first;
    }
  }

  #popOne(): Moment | undefined {
    const heap = this.#moments;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    let i = 0;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        const [one, best] = [heap[child], heap[least]];
        if (one !== undefined && best !== undefined && this.#before(one, best)) least = child;
      }
      if (least === i) return first;
      const [here, there] = [heap[i], heap[least]];
      if (here === undefined || there === undefined) return first;
      heap[i] = there;
      heap[least] = here;
      i = least;
    }
  }
}
