/** What stands on a terminal, and what has scrolled off it, after all that a program wrote. */
export class Screen {
  readonly #columns: number;
  readonly #rows: number;
  /** All rows since the beginning; the last `rows` of them are on the screen. */
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #wraps = true;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** @throws RangeError for a code that this screen does not know: then it shows something else than a real one */
  write(text: string): this {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what a terminal reads.
    const parts = text.match(/\u001b\[[0-9;?]*[A-Za-z]|\r|\n|[^\u001b\r\n]+|\u001b/g) ?? [];
    for (const part of parts) this.#take(part);
    return this;
  }

  /** Every row from the first on, without what stands behind it. */
  text(): string[] {
    return this.#lines.map((line) =>
      Array.from(line, (letter = ' ') => letter)
        .join('')
        .trimEnd(),
    );
  }

  #take(part: string): void {
    if (part === '\r') this.#column = 0;
    else if (part === '\n') this.#down();
    else if (part.startsWith('\u001b')) this.#obey(part);
    else for (const letter of part) this.#put(letter);
  }

  #put(letter: string): void {
    if (this.#column >= this.#columns && !this.#wraps) this.#column = this.#columns - 1;
    if (this.#column >= this.#columns) {
      this.#column = 0;
      this.#down();
    }
    const line = this.#lines[this.#row];
    if (line !== undefined) line[this.#column] = letter;
    this.#column += 1;
  }

  #down(): void {
    this.#row += 1;
    if (this.#row === this.#lines.length) this.#lines.push([]);
  }

  #obey(code: string): void {
    const count = Number(code.slice(2, -1) || '1');
    switch (code.at(-1)) {
      case 'm':
        return;
      case 'h':
      case 'l':
        if (code.slice(2, -1) !== '?7')
          throw new RangeError(`This screen does not know ${JSON.stringify(code)}.`);
        this.#wraps = code.endsWith('h');
        return;
      case 'A':
        // Nobody gets back to what has scrolled off.
        this.#row = Math.max(0, this.#lines.length - this.#rows, this.#row - count);
        return;
      case 'J':
        this.#lines.splice(this.#row + 1);
        this.#lines[this.#row]?.splice(this.#column);
        return;
      default:
        throw new RangeError(`This screen does not know ${JSON.stringify(code)}.`);
    }
  }
}
