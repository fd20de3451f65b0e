/**
 * Something that a person at a terminal has to know or to do: shown as its one sentence, without a stack
 * trace, and it ends the program with `exitCode`. Everything else that is thrown is a fault of this program.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: number;

  constructor(sentence: string, options: { cause?: unknown; exitCode?: number } = {}) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What went wrong, as one line, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s+/g, ' ').trim();
}
