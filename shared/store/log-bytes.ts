/**
 * Numbers and short texts, packed: an attribute's name and type cost more than most of what a chunk says of itself.
 * A number is written 7 bits a byte, low first; a text in UTF-8 behind its length.
 */
export class ByteWriter {
  readonly #bytes: number[] = [];

  number(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) + 128);
    this.#bytes.push(rest);
    return this;
  }

  /** A number that may be negative: the sign in the lowest bit. */
  signed(value: number): this {
    return this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  raw(bytes: Uint8Array): this {
    this.#bytes.push(...bytes);
    return this;
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    return this.number(bytes.length).raw(bytes);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Reads what ByteWriter wrote, in the same order. @throws RangeError behind the end */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  raw(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`There are no ${length} bytes at ${this.#at}.`);
    const bytes = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }

  text(): string {
    return Buffer.from(this.raw(this.number())).toString('utf8');
  }

  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#at);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError(`There is no byte at ${this.#at}.`);
    this.#at += 1;
    return byte;
  }
}
