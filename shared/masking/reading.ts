import type { Automaton } from './automaton.ts';
import { Spans } from './spans.ts';

/**
 * One way to read a stream: all of it, or only what is visible. Remembers where the last code units of this
 * reading stood in the stream, so that a find can be told as a stretch of the stream.
 */
export class Reading {
  readonly #automaton: Automaton;
  /** Position of each of the last code units read, in a ring as long as the longest text. */
  readonly #positions: Float64Array;
  #read = 0;
  #state = 0;
  readonly found = new Spans();

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#positions = new Float64Array(automaton.longest + 1);
  }

  step(code: number, position: number): void {
    this.#positions[this.#read % this.#positions.length] = position;
    this.#read += 1;
    this.#state = this.#automaton.step(this.#state, code);
    const length = this.#automaton.found(this.#state);
    if (length > 0) this.found.add(this.#positionBack(length), position + 1);
  }

  /** Where the text that has begun started; `otherwise` where none has. */
  begunAt(otherwise: number): number {
    const begun = this.#automaton.begun(this.#state);
    return begun === 0 ? otherwise : this.#positionBack(begun);
  }

  /** Hides what has begun where it is long enough to be no accident. It may still go on. */
  hideBegun(end: number, hideFrom: number): void {
    const begun = this.#automaton.begun(this.#state);
    if (begun >= hideFrom) this.found.add(this.#positionBack(begun), end);
  }

  /** Does the same, and takes it for broken off. */
  giveUp(end: number, hideFrom: number): void {
    this.hideBegun(end, hideFrom);
    this.#state = 0;
  }

  #positionBack(count: number): number {
    return this.#positions[(this.#read - count) % this.#positions.length] ?? 0;
  }
}
