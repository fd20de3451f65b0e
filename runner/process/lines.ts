import { MAX_LINE_BYTES } from '../../shared/contracts/jobs.ts';

/** Ends every piece of a line that was too long, except the last one. */
export const SPLIT_MARK = ' [line goes on below]';

/** Turns decoded text, however it is cut into chunks, into lines. */
export interface LineSplitter {
  push(text: string): void;
  /** The stream ended: a last line without a newline counts as one. */
  flush(): void;
}

/**
 * What a line is: LF ends it, and so does CRLF. A lone CR takes the cursor back, as on a terminal: what comes
 * after it replaces what stood before, so of a progress bar its last state remains. NUL becomes U+2400, since
 * hardly any reader survives it; all other control characters, colours included, stay. A line longer than
 * 64 KB is cut, and every piece but the last ends with SPLIT_MARK.
 *
 * The lines do not depend on where the chunks are cut.
 */
export function createLineSplitter(onLine: (line: string) => void, maxBytes = MAX_LINE_BYTES): LineSplitter {
  const room = maxBytes - encodedBytes(SPLIT_MARK);
  let current = '';
  let bytes = 0;
  let returned = false;

  function append(text: string): void {
    if (text === '') return;
    if (returned) {
      current = '';
      bytes = 0;
      returned = false;
    }
    current += text;
    bytes += encodedBytes(text);
    while (bytes > room) {
      const piece = prefixOf(current, room);
      onLine(piece + SPLIT_MARK);
      current = current.slice(piece.length);
      bytes = encodedBytes(current);
    }
  }

  function end(): void {
    onLine(current);
    current = '';
    bytes = 0;
    returned = false;
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

function printable(text: string): string {
  return text.replaceAll('\0', '\u2400');
}

/** Size in a request body, which is what limits count: UTF-8 with JSON escapes, without the quotes. */
export function encodedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** The longest start of the text that fits, never half a character. */
function prefixOf(text: string, maxBytes: number): string {
  let end = 0;
  let bytes = 0;
  for (const character of text) {
    bytes += encodedBytes(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
