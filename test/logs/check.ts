import { hash } from 'node:crypto';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import { canonicalLine } from '../../shared/domain/log-proof.ts';

/** Every line that a producer has had acknowledged, as the log has to have it. */
export type Truth = ReadonlyMap<string, readonly string[]>;

/**
 * The hash chain of one log, computed once for all who have it: as long as somebody's lines are, byte for byte, those
 * that were hashed, theirs has the same hash.
 */
export class Chain {
  readonly #texts: string[] = [];
  readonly #hashes: Uint8Array[] = [new Uint8Array(32)];

  /** Are these lines 1..n, this one the n-th, as they were hashed? Whoever comes first has it hashed. */
  agrees(n: number, text: string): boolean {
    const before = this.#hashes[n - 1];
    if (n > this.#texts.length && before !== undefined) {
      this.#texts.push(text);
      const digest = hash('sha256', text, 'buffer');
      this.#hashes.push(hash('sha256', Buffer.concat([before, digest]), 'buffer'));
    }
    return this.#texts[n - 1] === text;
  }

  hashAfter(n: number): string {
    return Buffer.from(this.#hashes[n] ?? []).toString('hex');
  }
}

/** The k-th line of a producer. */
export const numbered = (producer: string, k: number, text: string) => `${producer}#${k} ${text}`;
const NUMBERED = /^([a-z]+)#(\d+) /;

export interface Counts {
  lost: number;
  repeated: number;
  reordered: number;
}

/**
 * Holds lines, as somebody got them, against what the producers sent, each in its order; against their own numbers;
 * and against the hash that the log ended with, recomputed here.
 */
export class LineCheck {
  /** By the numbers of the lines, and by what the producers sent: the same thing, seen twice. */
  readonly #byNumber: Counts = { lost: 0, repeated: 0, reordered: 0 };
  readonly #byProducer: Counts = { lost: 0, repeated: 0, reordered: 0 };
  readonly wrong: string[] = [];
  readonly #truth: Truth;
  readonly #who: string;
  readonly #wants: ((k: number) => boolean) | undefined;
  /** By producer: which line comes next, and which were passed over. */
  readonly #next = new Map<string, number>();
  readonly #passed = new Set<string>();
  readonly #chain: Chain;
  #differsAt: number | undefined;
  #n = 0;

  /** `wants`: of each producer only these, where a filter leaves out the others; then nothing can be proven. */
  constructor(who: string, truth: Truth, chain: Chain, wants?: (k: number) => boolean) {
    this.#who = who;
    this.#truth = truth;
    this.#chain = chain;
    this.#wants = wants;
  }

  get counts(): Counts {
    const [a, b] = [this.#byNumber, this.#byProducer];
    return {
      lost: Math.max(a.lost, b.lost),
      repeated: Math.max(a.repeated, b.repeated),
      reordered: Math.max(a.reordered, b.reordered),
    };
  }

  get lines(): number {
    return this.#n;
  }

  take(line: LogLineView): void {
    this.#number(line.n);
    if (this.#wants === undefined && !this.#chain.agrees(line.n, canonicalLine(line)))
      this.#differsAt ??= line.n;
    const [, producer = '', k = ''] = NUMBERED.exec(line.message) ?? [];
    if (producer !== '') this.#ofProducer(producer, Number(k), line.message);
  }

  #number(n: number): void {
    if (n <= this.#n) this.#byNumber.repeated += 1;
    else if (this.#wants === undefined && n > this.#n + 1) {
      this.#byNumber.lost += n - this.#n - 1;
      this.say(`got line ${n} after line ${this.#n}`);
    }
    this.#n = Math.max(this.#n, n);
  }

  #ofProducer(producer: string, k: number, message: string): void {
    const next = this.#next.get(producer) ?? 0;
    const key = `${producer}#${k}`;
    if (k < next) this.#byProducer[this.#passed.delete(key) ? 'reordered' : 'repeated'] += 1;
    this.#pass(producer, next, k);
    this.#next.set(producer, Math.max(next, k + 1));
    if (this.#truth.get(producer)?.[k] !== message)
      this.say(`has another line ${key}: ${message.slice(0, 80)}`);
  }

  #pass(producer: string, from: number, to: number): void {
    for (let k = from; k < to; k += 1) if (this.#wants?.(k) ?? true) this.#passed.add(`${producer}#${k}`);
  }

  /** At the end of the log. */
  end(end: { readonly lines: number; readonly hash: string }): void {
    this.#byProducer.lost += this.#missing();
    if (this.#wants !== undefined) return;
    this.#byNumber.lost += Math.max(0, end.lines - this.#n);
    if (this.#differsAt !== undefined) this.say(`has another line ${this.#differsAt} than others`);
    else if (this.#chain.hashAfter(this.#n) !== end.hash)
      this.say('has another hash than the log ended with');
  }

  /** It never came to the end. */
  stuck(): void {
    this.#byProducer.lost += Math.max(1, this.#missing());
    this.say(`stands at line ${this.#n} for ever`);
  }

  #missing(): number {
    for (const [producer, { length }] of this.#truth) {
      this.#pass(producer, this.#next.get(producer) ?? 0, length);
      this.#next.set(producer, length);
    }
    if (this.#passed.size > 0) this.say(`never got ${[...this.#passed].slice(0, 5).join(', ')}`);
    return this.#passed.size;
  }

  say(what: string): void {
    if (this.wrong.length < 5) this.wrong.push(`${this.#who} ${what}`);
  }
}
