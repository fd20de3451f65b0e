import { type Automaton, buildAutomaton } from './automaton.ts';
import { formsOf } from './forms.ts';
import { isLineEnd, type ReaderState, readUnit } from './invisible.ts';
import { MASK } from './mask.ts';
import { Reading } from './reading.ts';
import { Spans } from './spans.ts';

/** A value that broke off is still hidden from this many characters on: what is left of it may have gone elsewhere. */
const HIDE_BEGUN_FROM = 16;
/** Invisible code units in a row after which a begun value counts as broken off; bounds what is held back. */
const MAX_INVISIBLE_RUN = 4096;

/** The values of a job, prepared once for all its streams. */
export interface MaskedValues {
  readonly automaton: Automaton;
}

/** Masks one stream of text, chunk by chunk. */
export interface Masker {
  /** Takes a chunk and gives what is certain; the rest comes with a later call. */
  push(chunk: string): string;
  /**
   * Gives what was held back; the stream is at its end, or has been quiet for long enough to be shown as it is. A
   * value that had begun and goes on after all is hidden from there on.
   */
  flush(): string;
}

/**
 * Prepares values for masking, in all forms in which they may appear (shared/masking/forms).
 * Values shorter than 4 characters are not masked.
 */
export function prepareValues(values: readonly string[]): MaskedValues {
  return { automaton: buildAutomaton(formsOf(values)) };
}

/**
 * A masker for one stream. The text is read twice: as it is, and without line ends and ANSI sequences, so
 * that a value is found when it is wrapped or coloured in the middle. Line ends stay where they are; time
 * is linear in the text, whatever the number of values. A chunk may cut anything but a surrogate pair.
 */
export function createMasker(values: readonly string[] | MaskedValues): Masker {
  return new StreamMasker('automaton' in values ? values.automaton : prepareValues(values).automaton);
}

/** Masks a whole text at once. */
export function maskLine(values: MaskedValues, line: string): string {
  const masker = createMasker(values);
  return masker.push(line) + masker.flush();
}

class StreamMasker implements Masker {
  readonly #raw: Reading;
  readonly #visible: Reading;
  readonly #invisible = new Spans();
  /** Text not given out yet, and the position of its first code unit in the stream. */
  #held = '';
  #heldFrom = 0;
  #reader: ReaderState = 'text';
  #invisibleRun = 0;
  /** The mask for what is being hidden stands on this line already. */
  #masked = false;

  constructor(automaton: Automaton) {
    this.#raw = new Reading(automaton);
    this.#visible = new Reading(automaton);
  }

  push(chunk: string): string {
    const from = this.#heldFrom + this.#held.length;
    const end = from + chunk.length;
    for (let at = 0; at < chunk.length; at += 1) this.#read(chunk.charCodeAt(at), from + at);
    this.#held += chunk;
    const begunAt = Math.min(this.#raw.begunAt(end), this.#visible.begunAt(end));
    // What began before a flush was given out as far as it had come.
    return this.#release(Math.max(begunAt, this.#heldFrom));
  }

  flush(): string {
    const end = this.#heldFrom + this.#held.length;
    this.#raw.hideBegun(end, HIDE_BEGUN_FROM);
    this.#visible.hideBegun(end, HIDE_BEGUN_FROM);
    return this.#release(end);
  }

  #read(code: number, position: number): void {
    const { state, visible } = readUnit(this.#reader, code);
    this.#reader = state;
    this.#raw.step(code, position);
    if (visible) {
      this.#visible.step(code, position);
      this.#invisibleRun = 0;
      return;
    }
    this.#invisible.add(position, position + 1);
    this.#invisibleRun += 1;
    if (this.#invisibleRun === MAX_INVISIBLE_RUN) this.#visible.giveUp(position + 1, HIDE_BEGUN_FROM);
  }

  /** Gives out what stands before a position: no value that is still growing began there. */
  #release(end: number): string {
    const text = this.#held.slice(0, end - this.#heldFrom);
    if (text === '') return text;
    const clean = !this.#raw.found.anyBefore(end) && !this.#visible.found.anyBefore(end);
    const shown = clean ? text : this.#hide(text);
    if (clean) this.#masked = false;
    this.#held = this.#held.slice(text.length);
    this.#heldFrom = end;
    this.#invisible.forgetBefore(end);
    return shown;
  }

  /** Puts one mask a line in place of each stretch; line ends, and colours inside a wrapped value, stay. */
  #hide(text: string): string {
    let shown = '';
    for (let at = 0; at < text.length; at += 1) {
      const position = this.#heldFrom + at;
      const lineEnd = isLineEnd(text.charCodeAt(at));
      const inRaw = this.#raw.found.covers(position);
      const inVisible = this.#visible.found.covers(position);
      const hidden = !lineEnd && (inRaw || (inVisible && !this.#invisible.covers(position)));
      if (!hidden) shown += text[at];
      else if (!this.#masked) shown += MASK;
      this.#masked = hidden || (this.#masked && !lineEnd && inVisible);
    }
    return shown;
  }
}
