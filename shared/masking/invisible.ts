const ESCAPE = 0x1b;
const CSI = 0x9b;
const BRACKET = 0x5b;

/** Where the reader stands: in text, behind an ESC, or inside a control sequence. */
export type ReaderState = 'text' | 'escape' | 'sequence';

/**
 * Reads past what a terminal does not show: ANSI control sequences (colours, cursor) and line ends, both of
 * which tools put in the middle of a long value. Operating system commands (links, titles) are read as
 * text: a value stands inside them as often as around them.
 */
export interface Invisible {
  readonly state: ReaderState;
  readonly visible: boolean;
}

const visibleText: Invisible = { state: 'text', visible: true };
const hiddenText: Invisible = { state: 'text', visible: false };
const escapeOnly: Invisible = { state: 'escape', visible: false };
const sequence: Invisible = { state: 'sequence', visible: false };

/** What one more code unit is, and where the reader stands behind it. */
export function readUnit(state: ReaderState, code: number): Invisible {
  if (state === 'escape' && code === BRACKET) return sequence;
  if (state === 'sequence') {
    if (code >= 0x20 && code <= 0x3f) return sequence;
    if (code >= 0x40 && code <= 0x7e) return hiddenText;
  }
  if (code === ESCAPE) return escapeOnly;
  if (code === CSI) return sequence;
  return isLineEnd(code) ? hiddenText : visibleText;
}

export function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}
