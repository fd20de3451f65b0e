/** What DynamoDB's expressions are made of. */
const TOKEN = /\s*(:[A-Za-z0-9_]+|#[A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|<>|<=|>=|[=<>(),.[\]+-])/y;

/** The tokens of an expression, read one after the other. */
export class Tokens {
  readonly #all: string[] = [];
  #place = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    const whole = text.trimEnd();
    while (TOKEN.lastIndex < whole.length) {
      const found = TOKEN.exec(whole);
      if (found?.[1] === undefined) throw new SyntaxError(`Not an expression of DynamoDB: ${text}`);
      this.#all.push(found[1]);
    }
  }

  get done(): boolean {
    return this.#place >= this.#all.length;
  }

  peek(ahead = 0): string {
    return this.#all[this.#place + ahead] ?? '';
  }

  next(): string {
    const token = this.peek();
    if (token === '') throw new SyntaxError(`The expression ends too early: ${this.#all.join(' ')}`);
    this.#place += 1;
    return token;
  }

  /** Is the next token this keyword or sign? Then it is taken. */
  takes(word: string): boolean {
    if (this.peek().toUpperCase() !== word) return false;
    this.#place += 1;
    return true;
  }

  expect(word: string): void {
    if (!this.takes(word))
      throw new SyntaxError(`Expected ${word}, found ${this.peek()}: ${this.#all.join(' ')}`);
  }
}
