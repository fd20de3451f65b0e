import { MAX_MESSAGE_BYTES } from './log-limits.ts';

/** Stands at every cut of a line that was too long: at the end of what comes before it, and at the start of what follows. */
export const SPLIT_MARK = '…';
const MARK_BYTES = Buffer.byteLength(SPLIT_MARK);

/** NUL is shown by its picture, since hardly any reader survives it; all other characters stay, colours included. */
export const printable = (text: string): string => text.replaceAll('\0', '\u2400');

/** A text that has to be one line: what would end it or take it back is shown by its picture. */
export const oneLine = (text: string): string =>
  /[\0\r\n]/.test(text) ? printable(text).replaceAll('\r', '\u240d').replaceAll('\n', '\u240a') : text;

/**
 * The lines of a text that is there as a whole; see createLineSplitter for what a line is. At least one, also of an
 * empty text.
 */
export function linesOf(text: string): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line), Number.POSITIVE_INFINITY);
  splitter.push(text);
  splitter.flush();
  return lines.length === 0 ? [''] : lines;
}

/** Turns decoded text, however it is cut into chunks, into lines. */
export interface LineSplitter {
  push(text: string): void;
  /** The stream ended: a last line without a newline counts as one. */
  flush(): void;
}

/**
 * What a line is, for everything that is logged: LF ends it, and so does CRLF. A lone CR takes the cursor back, as on a
 * terminal: what comes after it replaces what stood before, so of a progress bar its last state remains. NUL becomes
 * U+2400, half a surrogate pair U+FFFD. A line of more than `maxBytes` (UTF-8) is cut between characters, as `splitMessage` does it.
 *
 * The lines do not depend on where the chunks are cut.
 */
export function createLineSplitter(
  onLine: (line: string) => void,
  maxBytes: number = MAX_MESSAGE_BYTES,
): LineSplitter {
  const room = maxBytes - 2 * MARK_BYTES;
  let current = '';
  let bytes = 0;
  let isCut = false;
  let returned = false;

  function append(text: string): void {
    if (text === '') return;
    if (returned) begin();
    current += text;
    bytes += Buffer.byteLength(text);
    while (bytes > (isCut ? room : maxBytes)) {
      const piece = startOf(current, room);
      onLine(`${isCut ? SPLIT_MARK : ''}${piece}${SPLIT_MARK}`.toWellFormed());
      current = current.slice(piece.length);
      bytes = Buffer.byteLength(current);
      isCut = true;
    }
  }

  function begin(): void {
    current = '';
    bytes = 0;
    isCut = false;
    returned = false;
  }

  function end(): void {
    onLine((isCut ? SPLIT_MARK + current : current).toWellFormed());
    begin();
  }

  return {
    push(text) {
      let from = 0;
      for (const { index, 0: separator } of text.matchAll(/[\r\n]/g)) {
        append(printable(text.slice(from, index)));
        from = index + 1;
        if (separator === '\n') end();
        else returned = true;
      }
      append(printable(text.slice(from)));
    },
    flush() {
      if (current !== '') end();
    },
  };
}

/** A message that is there as a whole in parts of at most `maxBytes`, each cut visible on both sides. */
export function splitMessage(message: string, maxBytes: number = MAX_MESSAGE_BYTES): string[] {
  if (message.length * 3 <= maxBytes || Buffer.byteLength(message) <= maxBytes) return [message];
  const room = maxBytes - 2 * MARK_BYTES;
  const parts: string[] = [];
  for (let rest = message; rest !== ''; ) {
    const head = parts.length === 0 ? '' : SPLIT_MARK;
    const part = startOf(rest, room);
    rest = rest.slice(part.length);
    parts.push(head + part + (rest === '' ? '' : SPLIT_MARK));
  }
  return parts;
}

/** The longest start of the text that fits, never half a character; at least one character. */
export function startOf(text: string, maxBytes: number): string {
  let end = 0;
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}
