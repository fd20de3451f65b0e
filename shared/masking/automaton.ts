/**
 * An Aho-Corasick automaton over UTF-16 code units: finds all of many texts in one pass, in time that does
 * not depend on how many there are. States are numbers; 0 is "nothing begun".
 */
export interface Automaton {
  /** The state after one more code unit. */
  step(state: number, code: number): number;
  /** How many of the last code units are the beginning of some longer text. */
  begun(state: number): number;
  /** Length of the longest text that ends here; 0 for none. */
  found(state: number): number;
  /** Length of the longest text. */
  readonly longest: number;
}

export function buildAutomaton(texts: readonly string[]): Automaton {
  const trie = new Trie(texts);
  return {
    step: (state, code) => trie.step(state, code),
    begun: (state) => trie.begun[state] ?? 0,
    found: (state) => trie.found[state] ?? 0,
    longest: texts.reduce((longest, text) => Math.max(longest, text.length), 0),
  };
}

/** From this many children on a state gets a table for the codes below TABLE_SIZE. */
const WIDE = 6;
const TABLE_SIZE = 128;

/** Flat arrays, about 30 bytes a state: a private key in all its forms has some 30,000 states. */
class Trie {
  /** Children are a linked list, which is short but for few states. State 0 is nobody's child, so 0 ends a list. */
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #code: Uint16Array;
  readonly #fallback: Int32Array;
  readonly #rootChild = new Int32Array(0x10000);
  readonly #children: Uint32Array;
  /** Tables of the wide states; 0 in #table means none. */
  readonly #tables: Int32Array[] = [];
  readonly #table: Uint32Array;
  readonly #depth: Int32Array;
  readonly begun: Int32Array;
  readonly found: Int32Array;
  #size = 1;

  constructor(texts: readonly string[]) {
    const capacity = texts.reduce((sum, text) => sum + text.length, 1);
    this.#firstChild = new Int32Array(capacity);
    this.#nextSibling = new Int32Array(capacity);
    this.#code = new Uint16Array(capacity);
    this.#fallback = new Int32Array(capacity);
    this.#children = new Uint32Array(capacity);
    this.#table = new Uint32Array(capacity);
    this.#depth = new Int32Array(capacity);
    this.begun = new Int32Array(capacity);
    this.found = new Int32Array(capacity);
    for (const text of texts) this.#insert(text);
    this.#link();
  }

  step(from: number, code: number): number {
    let state = from;
    while (state !== 0) {
      const child = this.#child(state, code);
      if (child !== 0) return child;
      state = this.#fallback[state] ?? 0;
    }
    return this.#rootChild[code] ?? 0;
  }

  #child(state: number, code: number): number {
    if (state === 0) return this.#rootChild[code] ?? 0;
    const table = this.#table[state] ?? 0;
    if (table !== 0 && code < TABLE_SIZE) return this.#tables[table - 1]?.[code] ?? 0;
    let child = this.#firstChild[state] ?? 0;
    while (child !== 0 && this.#code[child] !== code) child = this.#nextSibling[child] ?? 0;
    return child;
  }

  #insert(text: string): void {
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      state = this.#child(state, code) || this.#addChild(state, code);
    }
    this.found[state] = text.length;
  }

  #addChild(parent: number, code: number): number {
    const child = this.#size;
    this.#size += 1;
    this.#code[child] = code;
    this.#depth[child] = (this.#depth[parent] ?? 0) + 1;
    this.#nextSibling[child] = this.#firstChild[parent] ?? 0;
    this.#firstChild[parent] = child;
    const children = (this.#children[parent] ?? 0) + 1;
    this.#children[parent] = children;
    if (parent === 0) this.#rootChild[code] = child;
    else if (children >= WIDE) this.#tabulate(parent, child, code);
    return child;
  }

  #tabulate(parent: number, newChild: number, newCode: number): void {
    const table = this.#tables[(this.#table[parent] ?? 0) - 1];
    if (table !== undefined) {
      if (newCode < TABLE_SIZE) table[newCode] = newChild;
      return;
    }
    const fresh = new Int32Array(TABLE_SIZE);
    for (let child = this.#firstChild[parent] ?? 0; child !== 0; child = this.#nextSibling[child] ?? 0) {
      const code = this.#code[child] ?? TABLE_SIZE;
      if (code < TABLE_SIZE) fresh[code] = child;
    }
    this.#table[parent] = this.#tables.push(fresh);
  }

  /**
   * Breadth first: a state falls back to the longest shorter beginning, finds what that finds, and where it
   * cannot grow itself, what has begun is what that has begun.
   */
  #link(): void {
    const queue = new Int32Array(this.#size);
    let filled = 1;
    for (let at = 0; at < filled; at += 1) {
      const parent = queue[at] ?? 0;
      for (let child = this.#firstChild[parent] ?? 0; child !== 0; child = this.#nextSibling[child] ?? 0) {
        const fallback = parent === 0 ? 0 : this.step(this.#fallback[parent] ?? 0, this.#code[child] ?? 0);
        this.#fallback[child] = fallback;
        this.found[child] ||= this.found[fallback] ?? 0;
        const growing = this.#firstChild[child] !== 0;
        this.begun[child] = (growing ? this.#depth[child] : this.begun[fallback]) ?? 0;
        queue[filled] = child;
        filled += 1;
      }
    }
  }
}
