/**
 * Stretches of a stream, sorted and apart from each other, added with rising ends and asked for with rising
 * positions. A position counts code units from the beginning; an end is the first position outside.
 */
export class Spans {
  #starts: number[] = [];
  #ends: number[] = [];
  /** Index of the first stretch that is not behind the last position asked for. */
  #head = 0;

  /** Adds a stretch whose end is not before that of any other. Each is merged away at most once. */
  add(from: number, end: number): void {
    let start = from;
    while (this.#ends.length > this.#head && (this.#ends.at(-1) ?? 0) >= start) {
      start = Math.min(start, this.#starts.pop() ?? start);
      this.#ends.pop();
    }
    this.#starts.push(start);
    this.#ends.push(end);
  }

  covers(position: number): boolean {
    this.forgetBefore(position);
    return (this.#starts[this.#head] ?? Number.POSITIVE_INFINITY) <= position;
  }

  /** Whether a stretch begins before the position (and has not been forgotten). */
  anyBefore(position: number): boolean {
    return (this.#starts[this.#head] ?? Number.POSITIVE_INFINITY) < position;
  }

  forgetBefore(position: number): void {
    while ((this.#ends[this.#head] ?? Number.POSITIVE_INFINITY) <= position) this.#head += 1;
    if (this.#head > 0 && this.#head === this.#ends.length) {
      this.#starts = [];
      this.#ends = [];
      this.#head = 0;
    }
  }
}
